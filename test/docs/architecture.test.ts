/**
 * The state diagrams in docs/architecture.md, compared with the state machine: all payments that can be reached with up
 * to two attempts are explored with every command and every update, and what moves must be what is drawn, no more and
 * no less.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { decideUpdate } from '../../src/domain/attempt-updates.ts';
import {
  type AttemptStatus,
  type AttemptUpdate,
  type Change,
  isLive,
  isTerminal,
  type Payment,
  type PaymentAttempt,
  type PaymentIntentStatus,
} from '../../src/domain/payment.ts';
import {
  decideCancel,
  decideCapture,
  decideConfirm,
  decideExpire,
} from '../../src/domain/payment-machine.ts';
import { pendingRefund } from '../../src/domain/refunds/new-refund.ts';
import type { Refund, RefundStatus, RefundTotals, RefundUpdate } from '../../src/domain/refunds/refund.ts';
import { decideRefund, decideRefundUpdate } from '../../src/domain/refunds/refund-machine.ts';
import { readSource } from '../support/source-files.ts';

/** `from --> to` and what causes it, as in the diagrams. */
type Transitions = Record<string, string[]>;

const MAX_ATTEMPTS = 2;
const CODE_LIFE_MS = 300_000;
/** Code live; just expired, but not yet dead by its age; a code that was never seen is dead; intent expired; later. */
const MOMENTS = [0, 305, 700, 1800, 2600].map((seconds) => new Date(seconds * 1000));
const [START = new Date(0), , , EXPIRES_AT = new Date(0)] = MOMENTS;

const NEW_PAYMENT: Payment = {
  intent: {
    id: 'pi_1',
    merchantId: 'merchant_001',
    merchantStoreId: undefined,
    merchantTerminalId: undefined,
    merchantRefId: 'order_1',
    description: undefined,
    returnUrl: undefined,
    amount: 1000,
    currency: 'JPY',
    paymentMethodTypes: ['qr_mpm', 'cash'],
    status: 'requires_payment_method',
    paymentMethodType: undefined,
    providerPaymentId: undefined,
    amountCaptured: undefined,
    amountRefunded: 0,
    lastPaymentError: undefined,
    createdAt: START,
    expiresAt: EXPIRES_AT,
    succeededAt: undefined,
    cancelledAt: undefined,
    expiredAt: undefined,
  },
  attempts: [],
};

let machine: { readonly intent: Transitions; readonly attempt: Transitions };
beforeAll(() => {
  machine = explore();
});

describe('the diagram of', () => {
  it("the payment intent's states is what the state machine does", () => {
    const { transitions, first, last } = readDiagram("## The payment intent's states");
    expect(transitions).toEqual(machine.intent);
    expect(first).toEqual(['requires_payment_method']);
    expect(last).toEqual(statesOf(transitions).filter((status) => isTerminal(intentIn(status))));
  });

  it("the attempt's states is what the state machine does", () => {
    const { transitions, first, last } = readDiagram("## The attempt's states");
    expect(transitions).toEqual(machine.attempt);
    expect(first).toEqual(['creating']);
    expect(last).toEqual(statesOf(transitions).filter((status) => !isLive(attemptIn(status))));
  });

  it("the refund's states is what the state machine does", () => {
    const { transitions, first, last } = readDiagram("## The refund's states");
    expect(transitions).toEqual(exploreRefunds());
    expect(first).toEqual([createdBy('provider'), createdBy('cash')]);
    expect(last).toEqual(['failed', 'succeeded']);
  });

  it('is explained: every command and update that causes a transition is in a table', () => {
    const { text } = readSource('docs/architecture.md');
    const { intent, attempt } = machine;
    const causes = [intent, attempt, exploreRefunds()].flatMap(Object.values).flat();
    for (const cause of new Set(causes)) {
      expect(text, cause).toContain(`| \`${cause}\` |`);
    }
  });
});

/** Every payment that can be reached is visited once, at each moment. */
function explore(): typeof machine {
  const found = { intent: {}, attempt: {} };
  const start = { payment: NEW_PAYMENT, moment: 0 };
  const reached = new Map([[keyOf(start), start]]);
  for (const [, state] of reached) {
    for (const { cause, change } of stepsFrom(state)) {
      collect(found, state.payment, change.payment, cause);
      const next = { payment: change.payment, moment: state.moment };
      reached.set(keyOf(next), reached.get(keyOf(next)) ?? next);
    }
    if (state.moment + 1 < MOMENTS.length) {
      const later = { ...state, moment: state.moment + 1 };
      reached.set(keyOf(later), reached.get(keyOf(later)) ?? later);
    }
  }
  return found;
}

interface State {
  readonly payment: Payment;
  /** Index in MOMENTS. */
  readonly moment: number;
}

/** What decides about a payment's future; of an attempt that has ended, that is its status alone. */
function keyOf({ payment: { intent, attempts }, moment }: State): string {
  const parts = attempts.map((attempt) => [
    attempt.status,
    ...(isLive(attempt) ? [attempt.codeId, attempt.codeExpiresAt, attempt.createdAt] : []),
  ]);
  return JSON.stringify([moment, intent.status, intent.expiredAt, parts]);
}

function stepsFrom({ payment, moment }: State): { cause: string; change: Change }[] {
  const now = MOMENTS[moment] ?? START;
  const { attempts } = payment;
  const attempt = {
    id: `pa_${attempts.length}`,
    provider: 'PAYPAY',
    providerMerchantId: 'paypay_1',
  } as const;
  const commands = {
    confirm: decideConfirm(payment, { paymentMethodType: 'qr_mpm', carriedOut: ['qr_mpm'], attempt }, now),
    cancel: decideCancel(payment, now),
    capture: decideCapture(payment, { amount: undefined }, now),
    expire: decideExpire(payment, now),
  };
  const steps = Object.entries(commands).flatMap(([cause, decision]) =>
    decision.kind === 'change' && decision.change.payment.attempts.length <= MAX_ATTEMPTS
      ? [{ cause, change: decision.change }]
      : [],
  );
  for (const { id } of attempts) {
    for (const update of Object.values(updatesAt(now)).flat()) {
      const change = decideUpdate(payment, id, update, now);
      steps.push(...(change ? [{ cause: update.type, change }] : []));
    }
  }
  return steps;
}

/** Every update in every variant that the machine distinguishes. A new type of update does not compile until it is here. */
function updatesAt(now: Date): { readonly [Type in AttemptUpdate['type']]: readonly AttemptUpdate[] } {
  const reason = { code: 'some_reason', message: 'Some reason' };
  const expiresAt = new Date(now.getTime() + CODE_LIFE_MS);
  const money = { amount: 1000, currency: 'JPY' };
  const found = { providerPaymentId: 'paypay_payment_1', money, paidAt: now };
  return {
    create_begun: [{ type: 'create_begun' }],
    code_created: [
      { type: 'code_created', code: { codeId: 'code_1', qrContent: 'qr', deeplink: undefined, expiresAt } },
    ],
    code_refused: [{ type: 'code_refused', reason }],
    create_unanswered: [{ type: 'create_unanswered', reason }],
    code_unseen: [{ type: 'code_unseen' }],
    abandon_accepted: [{ type: 'abandon_accepted' }],
    close_begun: [{ type: 'close_begun' }],
    unpaid: (['done', 'not_found', 'none'] as const).map((deletion) => ({ type: 'unpaid', deletion })),
    payment_found: [
      { type: 'payment_found', found },
      { type: 'payment_found', found: { ...found, paidAt: START } },
      { type: 'payment_found', found: { ...found, money: { ...money, amount: 1 } } },
    ],
    payment_failed: [{ type: 'payment_failed', reason }],
    status_unreadable: [{ type: 'status_unreadable', reason }],
  };
}

function collect(found: typeof machine, before: Payment, after: Payment, cause: string): void {
  add(found.intent, before.intent.status, after.intent.status, cause);
  for (const { id, status } of after.attempts) {
    const old = before.attempts.find((attempt) => attempt.id === id);
    if (old) {
      add(found.attempt, old.status, status, cause);
    }
  }
}

function add(transitions: Transitions, from: string, to: string, cause: string): void {
  if (from !== to) {
    const name = `${from} --> ${to}`;
    transitions[name] = [...new Set([...(transitions[name] ?? []), cause])].sort();
  }
}

const PAID: Payment = {
  intent: { ...NEW_PAYMENT.intent, status: 'succeeded', paymentMethodType: 'qr_mpm', amountCaptured: 1000 },
  attempts: [{ ...attemptIn('succeeded'), id: 'pa_1', providerPaymentId: 'paypay_payment_1' }],
};
const NO_OTHERS: RefundTotals = { count: 0, succeeded: 0, returnedAttemptIds: [] };

/** The first status of a refund by this method. */
function createdBy(method: Refund['method']): RefundStatus | undefined {
  const notes = { reason: undefined, description: undefined, merchantRefundRefId: undefined };
  const who = { merchantStaffId: undefined, merchantTerminalId: undefined };
  const command = {
    ...notes,
    ...who,
    id: 're_1',
    amount: 400,
    method,
    mayReturnInCash: true,
    maxAmount: undefined,
  };
  const decision = decideRefund(PAID, NO_OTHERS, command, START);
  return decision.kind === 'change' ? decision.change.refund.status : undefined;
}

/** Every update of a refund in every status. A new type of update does not compile until it is here. */
function exploreRefunds(): Transitions {
  const updates: { readonly [Type in RefundUpdate['type']]: RefundUpdate } = {
    succeeded: { type: 'succeeded' },
    failed: { type: 'failed', failure: { code: 'some_reason', message: 'Some reason' } },
    delayed: { type: 'delayed', pendingReason: 'provider_unavailable', errorCode: 'some_reason' },
  };
  const times = { now: START, nextTryAt: START };
  const found: Transitions = {};
  for (const status of ['pending', 'succeeded', 'failed'] as const) {
    const amountRefunded = status === 'failed' ? 0 : 400;
    const refund = { ...pendingRefund(PAID.intent, 're_1', 400, START), status };
    for (const update of Object.values(updates)) {
      const change = decideRefundUpdate({ ...PAID.intent, amountRefunded }, refund, NO_OTHERS, update, times);
      add(found, status, change?.refund.status ?? status, update.type);
    }
  }
  return found;
}

/** The Mermaid diagram below a heading. */
function readDiagram(heading: string) {
  const [, chapter = ''] = readSource('docs/architecture.md').text.split(`\n${heading}\n`);
  const [, diagram = ''] = /^```mermaid\nstateDiagram-v2\n([\s\S]*?)^```$/m.exec(chapter) ?? [];
  const transitions: Transitions = {};
  const first: string[] = [];
  const last: string[] = [];
  for (const line of diagram.trim().split('\n')) {
    const [, from = '', to = '', causes = ''] = /^ *(\S+) --> (\S+?)(?:: (.*))?$/.exec(line) ?? [];
    expect(to, line).not.toBe('');
    if (from === '[*]') {
      first.push(to);
    } else if (to === '[*]') {
      last.push(from);
    } else {
      expect(transitions, line).not.toHaveProperty([`${from} --> ${to}`]);
      transitions[`${from} --> ${to}`] = causes.split(', ').sort();
    }
  }
  return { transitions, first, last: last.sort() };
}

function statesOf(transitions: Transitions): string[] {
  return [...new Set(Object.keys(transitions).flatMap((name) => name.split(' --> ')))].sort();
}

function intentIn(status: string): Payment['intent'] {
  return { ...NEW_PAYMENT.intent, status: status as PaymentIntentStatus };
}

function attemptIn(status: string): PaymentAttempt {
  return { status: status as AttemptStatus } as PaymentAttempt;
}
