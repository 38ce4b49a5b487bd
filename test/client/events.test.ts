/**
 * Following the events feed, with a gateway whose responses the test scripts.
 */
import { describe, expect, it } from 'vitest';
import {
  type ClientOptions,
  createClient,
  type EachEventOptions,
  PgwCursorExpiredError,
  PgwError,
} from '../../src/client/index.ts';
import type { Clock } from '../../src/lib/clock.ts';

const event = (number: number) => ({
  id: `evt_${number}`,
  type: 'ping',
  timestamp: '2026-01-15T10:01:30Z',
  api_version: 'v1',
  data: {},
});
const page = (numbers: number[], next: string, hasMore = false) =>
  Response.json({ data: numbers.map(event), next_cursor: next, has_more: hasMore });
const failed = (status: number, body: unknown = { code: 'x', message: 'x', details: {} }) =>
  Response.json(body, { status });

type Reply = () => Response | Promise<Response>;

/** Follows a feed that gives these replies and then aborts, and returns what was seen. */
async function followed(replies: Reply[], call: EachEventOptions = {}, options: Partial<ClientOptions> = {}) {
  const ended = new AbortController();
  const slept: number[] = [];
  const asked: string[] = [];
  const seen: string[] = [];
  let nowMs = 0;
  const clock: Clock = {
    now: () => new Date(nowMs),
    async sleep(durationMs) {
      slept.push(durationMs);
      nowMs += durationMs;
    },
  };
  const pgw = createClient({
    baseUrl: 'http://pgw.example',
    clock,
    random: () => 0.5,
    maxRetries: 0,
    async fetch(request) {
      asked.push(decodeURIComponent(new URL(request.url).search));
      const reply = replies.shift();
      if (!reply) {
        ended.abort(new Error('the test is over'));
        throw ended.signal.reason;
      }
      nowMs += 20_000;
      return reply();
    },
    ...options,
  });
  let error: unknown;
  try {
    for await (const entry of pgw.eachEvent({ signal: ended.signal, ...call })) {
      seen.push(`${entry.event.id} ${entry.cursor}`);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { seen, asked, slept, error };
}

describe('eachEvent', () => {
  it('begins now, continues after each page, and waits for what comes next', async () => {
    const { seen, asked, error } = await followed([
      () => page([], 'e-10'),
      () => page([11], 'e-11'),
      () => page([], 'e-12'),
      () => page([13, 14], 'e-14', true),
    ]);
    expect(asked).toEqual([
      '?limit=100',
      '?limit=100&after=e-10&wait=25',
      '?limit=100&after=e-11&wait=25',
      '?limit=100&after=e-12&wait=25',
      '?limit=100&after=e-14&wait=25',
    ]);
    expect(seen).toEqual(['evt_11 e-11', 'evt_13 e-12', 'evt_14 e-14']);
    expect(error).toMatchObject({ message: 'the test is over' });
  });

  it('begins with a cursor or the oldest event, and asks for the given types and size of pages', async () => {
    const { asked, seen } = await followed([() => page([1], 'e-1')], {
      after: 'oldest',
      types: ['payment_intent.succeeded', 'ping'],
      limit: 1,
    });
    expect(asked[0]).toBe('?limit=1&types=payment_intent.succeeded,ping&after=oldest&wait=25');
    expect(seen).toEqual(['evt_1 e-1']);
  });

  it('outlasts an outage with growing pauses, and repeats the request', async () => {
    const lost: Reply = () => Promise.reject(new TypeError('the connection was cut'));
    const { seen, asked, slept } = await followed(
      [
        lost,
        () => failed(503),
        () => failed(429),
        ...Array.from({ length: 5 }, () => lost),
        () => page([2], 'e-2'),
      ],
      { after: 'e-1' },
    );
    expect(seen).toEqual(['evt_2 e-2']);
    expect(new Set(asked.slice(0, 9))).toEqual(new Set(['?limit=100&after=e-1&wait=25']));
    expect(slept.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('names the oldest cursor when the events after its own have been removed', async () => {
    const gone = { code: 'cursor_expired', message: 'gone', details: { oldest_cursor: 'e-900' } };
    const { error } = await followed([() => failed(410, gone)], { after: 'e-1' });
    expect(error).toBeInstanceOf(PgwCursorExpiredError);
    expect(error).toBeInstanceOf(PgwError);
    expect(error).toMatchObject({ oldestCursor: 'e-900', status: 410, code: 'cursor_expired' });
  });

  it('throws a refusal that does not pass at once', async () => {
    const { error, asked } = await followed([() => failed(403)], { after: 'e-1' });
    expect(error).toMatchObject({ status: 403 });
    expect(asked).toHaveLength(1);
  });

  it('asks once a second at most when the gateway does not let it wait', async () => {
    let nowMs = 0;
    const slept: number[] = [];
    const clock: Clock = {
      now: () => new Date(nowMs),
      async sleep(durationMs) {
        slept.push(durationMs);
        nowMs += durationMs;
      },
    };
    await followed([() => page([], 'e-1'), () => page([], 'e-1')], { after: 'e-1' }, { clock });
    expect(slept.slice(0, 2)).toEqual([1_000, 1_000]);
  });

  it('waits less than the timeout of the client', async () => {
    const reply: Reply[] = [() => page([], 'e-1')];
    expect((await followed(reply, { after: 'e-1' }, { timeoutMs: 12_000 })).asked[0]).toContain('wait=7');
    const brief = await followed([() => page([], 'e-1')], { after: 'e-1' }, { timeoutMs: 1_000 });
    expect(brief.asked[0]).toContain('wait=0');
  });
});

it('listEvents returns a page and retrieveEvent an event', async () => {
  const asked: string[] = [];
  const pgw = createClient({
    baseUrl: 'http://pgw.example',
    async fetch({ url }) {
      asked.push(url);
      return url.includes('evt_1') ? Response.json(event(1)) : page([1], 'e-1');
    },
  });
  expect((await pgw.listEvents({ after: 'oldest' })).next_cursor).toBe('e-1');
  expect((await pgw.retrieveEvent('evt_1')).id).toBe('evt_1');
  expect(asked).toEqual(['http://pgw.example/v1/events?after=oldest', 'http://pgw.example/v1/events/evt_1']);
});
