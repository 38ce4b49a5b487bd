/**
 * Runs of the worker that carries out refunds, with providers that do what a test scripts, and what must be true of the rows
 * after them.
 */
import { expect } from 'vitest';
import type { CodePayments, Provider, Refunds } from '../../src/providers/provider.ts';
import { createRegistry } from '../../src/providers/registry.ts';
import { carryOutRefunds } from '../../src/services/jobs/carry-out-refunds.ts';
import type { JobRun } from '../../src/services/jobs/job.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from './gateway.ts';
import { newPaidIntent, requestRefund } from './refunds.ts';

/** What a test makes of a run. A call that it replaces gets the real one. */
export interface Script {
  /** The process stops for a while, so that it does not renew its leases. */
  readonly isPaused?: boolean;
  readonly createRefund?: (
    request: Parameters<Refunds['createRefund']>[0],
    real: Refunds['createRefund'],
  ) => ReturnType<Refunds['createRefund']>;
  readonly readRefund?: (
    request: Parameters<Refunds['readRefund']>[0],
    real: Refunds['readRefund'],
  ) => ReturnType<Refunds['readRefund']>;
  readonly readPayment?: (
    request: Parameters<CodePayments['readPayment']>[0],
    real: CodePayments['readPayment'],
  ) => ReturnType<CodePayments['readPayment']>;
}

export interface RefundRuns {
  readonly clock: TestClock;
  readonly gateway: TestGateway;
  readonly merchant: TestMerchant;
  /** Names and refund ids of the calls so far, in order. */
  readonly calls: string[];
  /** A refund of a new payment of 1000 yen, pending. */
  newRefund(amount?: number): Promise<{ id: string; intentId: string }>;
  /** Advances the time and runs the worker once. */
  run(afterSeconds?: number, script?: Script): Promise<JobRun>;
  find(id: string): Promise<RefundState>;
  amountRefunded(intentId: string): Promise<number>;
  /** The sandbox's record of the payment of an intent. */
  ledger(intentId: string): Promise<ReturnType<TestGateway['sandbox']['ledger']>[number]>;
  merchantEvents(intentId: string): Promise<string[]>;
}

export interface RefundState {
  readonly status: string;
  readonly pending_reason: string | null;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly last_error_code: string | null;
  readonly next_try_at: Date | null;
  readonly tries: number;
  readonly merchant_id: string;
}

export async function startRefundRuns(): Promise<RefundRuns> {
  const clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  const sandbox = { webhookMode: 'manual', refundDelaySeconds: 0, allowMultipleRefunds: true } as const;
  const gateway = await startTestGateway({ clock, sandbox });
  const merchant = await gateway.newMerchant();
  const { db } = gateway.database;
  const calls: string[] = [];
  return {
    clock,
    gateway,
    merchant,
    calls,
    async newRefund(amount) {
      const intent = await newPaidIntent(gateway, merchant);
      const { body } = await requestRefund(gateway, merchant, intent, amount ? { amount } : {});
      return { id: body.id, intentId: intent.id };
    },
    async run(afterSeconds = 0, script = {}) {
      await clock.advance(afterSeconds * 1_000);
      const providers = createRegistry([scripted(gateway, script, calls)]);
      const sleepsOn = { now: clock.now, sleep: untilAborted };
      const deps = { ...gateway.deps, providers, clock: script.isPaused ? sleepsOn : clock };
      return carryOutRefunds(deps, { limit: 20, concurrency: 4 });
    },
    find: (id) => db('refunds').where({ id }).first(),
    async amountRefunded(id) {
      return (await db('payment_intents').where({ id }).first('amount_refunded')).amount_refunded;
    },
    async ledger(intentId) {
      const { id } = await db('payment_attempts').where({ intent_id: intentId }).first('id');
      const found = gateway.sandbox.ledger().find(({ merchantPaymentId }) => merchantPaymentId === id);
      if (!found) {
        throw new Error('the sandbox has no such payment');
      }
      return found;
    },
    merchantEvents: (intentId) =>
      db('payment_events')
        .where({ intent_id: intentId })
        .whereRaw("merchant_event ~ 'refund'")
        .orderBy('id')
        .pluck('merchant_event'),
  };
}

function untilAborted(_: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}

/** The gateway's provider, with scripted calls, which are recorded. */
export function scripted(gateway: TestGateway, script: Script, calls: string[] = []): Provider {
  const real = gateway.deps.providers.find('PAYPAY');
  if (!real?.codes || !real.refunds) {
    throw new Error('PayPay is not set up');
  }
  const { codes, refunds } = real;
  return {
    ...real,
    codes: {
      ...codes,
      readPayment: (request) =>
        script.readPayment ? script.readPayment(request, codes.readPayment) : codes.readPayment(request),
    },
    refunds: {
      createRefund(request) {
        calls.push(`create ${request.refundId}`);
        return script.createRefund
          ? script.createRefund(request, refunds.createRefund)
          : refunds.createRefund(request);
      },
      readRefund(request) {
        calls.push(`read ${request.refundId}`);
        return script.readRefund
          ? script.readRefund(request, refunds.readRefund)
          : refunds.readRefund(request);
      },
    },
  };
}

/** The sum of every intent is that of its pending and succeeded refunds, and within what was captured. */
export async function expectSums(gateway: Pick<TestGateway, 'database'>): Promise<void> {
  const { rows } = await gateway.database.db.raw(`
    select i.id, i.amount_refunded, coalesce(sum(r.amount), 0)::bigint as refunds, i.amount_captured
    from payment_intents i
    left join refunds r on r.intent_id = i.id and r.status <> 'failed' and r.origin <> 'gateway'
    group by i.id
    having i.amount_refunded <> coalesce(sum(r.amount), 0) or i.amount_refunded > coalesce(i.amount_captured, 0)`);
  expect(rows).toEqual([]);
}
