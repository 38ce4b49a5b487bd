import { describe, expect, it } from 'vitest';
import type { PaymentAttempt } from '../../src/domain/payment.ts';
import { nextCheckAt, toOurTime } from '../../src/domain/schedule.ts';

const START = new Date('2026-01-15T10:00:00Z');
const at = (seconds: number) => new Date(START.getTime() + seconds * 1000);

const ATTEMPT = {
  status: 'live',
  codeId: '04-a',
  codeExpiresAt: at(300),
  createdAt: START,
  checks: 0,
  checkedAt: undefined,
  failure: undefined,
} as unknown as PaymentAttempt;

const inSeconds = (fields: Partial<PaymentAttempt>, now = at(10), random = 0.5) => {
  const next = nextCheckAt({ ...ATTEMPT, ...fields }, now, random);
  return next && (next.getTime() - now.getTime()) / 1000;
};
const FAILURE = { code: 'timeout', message: '' };

describe('the next read', () => {
  it.each([
    ["a live code: within PayPay's 2–3 s", {}, 2.5],
    ['a live code whose record cannot be read: a little later', { failure: FAILURE }, 5],
    ['a create with an unknown outcome: soon', { status: 'creating' }, 1],
    ['a create whose outcome stays unknown: at most a minute', { status: 'creating', checks: 50 }, 60],
    ['a closing code, third time', { status: 'closing', checks: 2 }, 4],
    [
      'a code that lapsed early: a minute after it would have expired',
      { status: 'lapsed', checkedAt: at(10) },
      360,
    ],
    ['a refused create: never', { status: 'failed', codeId: undefined }, undefined],
    ['a paid code: never', { status: 'succeeded' }, undefined],
  ] as const)('%s', (_, fields, expected) => {
    expect(inSeconds(fields as Partial<PaymentAttempt>)).toBe(expected);
  });

  it('has random jitter', () => {
    expect([inSeconds({}, at(10), 0), inSeconds({}, at(10), 1)]).toEqual([2, 3]);
  });

  it('late reads: one after the code is dead, one a quarter of an hour later, each repeated until it succeeds', () => {
    const lapsed = { status: 'lapsed' as const, checkedAt: at(10) };
    expect(inSeconds({ ...lapsed, checks: 1 }, at(371))).toBe(2);
    expect(inSeconds({ ...lapsed, checkedAt: at(371) }, at(371))).toBe(839);
    expect(inSeconds({ ...lapsed, checkedAt: at(1211) }, at(1211))).toBeUndefined();
  });

  it('a code with an unknown expiry counts as dead after ten minutes', () => {
    expect(inSeconds({ status: 'abandoned', codeExpiresAt: undefined, checkedAt: at(10) })).toBe(650);
  });
});

describe("a provider's time", () => {
  it('becomes ours by how far its clock is off when it answers', () => {
    for (const offSeconds of [-100, 0, 100]) {
      const answeredAt = new Date(at(50).getTime() + offSeconds * 1000);
      const paidAt = new Date(at(20).getTime() + offSeconds * 1000);
      expect(toOurTime(paidAt, answeredAt, at(50))).toEqual(at(20));
    }
  });

  it('stays as it is when the answer has no time, or one further off than clocks can be', () => {
    expect(toOurTime(at(20), undefined, at(50))).toEqual(at(20));
    expect(toOurTime(at(20), at(50 + 3_600), at(50))).toEqual(at(20));
  });
});
