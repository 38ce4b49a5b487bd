/**
 * The invariants of refunds: during a simulation, and after everything has ended.
 */
import type { LedgerEntry, Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Db } from '../../src/store/db/query.ts';
import type { ReceivedEvent } from './receivers.ts';

/** What merchants were given. */
export interface RefundMemory {
  readonly acknowledged: Map<string, { readonly intentId: string; readonly amount: number }>;
  /** Idempotency-Key → the refund in the response. */
  readonly byKey: Map<string, string>;
  /** The last known status of each refund. */
  readonly statuses: Map<string, string>;
  /** What was wrong in responses. */
  readonly faults: string[];
}

export interface RefundRow {
  readonly id: string;
  readonly intent_id: string;
  readonly attempt_id: string | null;
  readonly amount: number;
  readonly origin: 'merchant' | 'gateway' | 'provider';
  readonly method: 'provider' | 'cash';
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly provider_refund_id: string | null;
}

type PayPayRefund = LedgerEntry['refunds'][number] & { readonly attemptId: string };

export function createRefundMemory(): RefundMemory {
  return { acknowledged: new Map(), byKey: new Map(), statuses: new Map(), faults: [] };
}

/** At every moment: the sum is what the refunds say, what was acknowledged stays, and PayPay has nothing that we do not. */
export async function checkRefundsNow(db: Db, sandbox: Sandbox, memory: RefundMemory): Promise<string[]> {
  const sums = await findWrongSums(db);
  // Read before PayPay's ledger, which is only ever ahead.
  const refunds = await readRefunds(db);
  return [...sums, ...memory.faults, ...checkStatuses(memory, refunds), ...checkMade(refunds, sandbox)];
}

/** While PayPay holds refunds: ours are pending exactly as long as PayPay's are. */
export async function checkHeld(db: Db, sandbox: Sandbox): Promise<string[]> {
  const held = payPayRefunds(sandbox).filter(({ status }) => status === 'CREATED');
  const refunds = await readRefunds(db);
  const isHeld = ({ id, origin, attempt_id: attemptId }: RefundRow) =>
    held.some((other) =>
      origin === 'gateway' ? other.attemptId === attemptId : other.merchantRefundId === id,
    );
  return refunds
    .filter((refund) => refund.method === 'provider' && refund.origin !== 'provider')
    .filter((refund) => (refund.status === 'pending') !== isHeld(refund) && !isReturnedOtherwise(refund))
    .map(
      (refund) =>
        `${refund.id} is ${refund.status}, and PayPay ${isHeld(refund) ? 'holds' : 'does not hold'} it`,
    );
}

/** A return of the gateway has nothing to do with what staff have in PayPay's hold for the same payment, once it is done. */
function isReturnedOtherwise({ origin, status }: RefundRow): boolean {
  return origin === 'gateway' && status === 'succeeded';
}

/** At the end: each refund that succeeded was made once at PayPay, each that failed was not, and none is missing. */
export async function checkRefundsAtEnd(db: Db, sandbox: Sandbox, memory: RefundMemory): Promise<string[]> {
  const refunds = await readRefunds(db);
  const made = payPayRefunds(sandbox);
  return [
    ...(await checkRefundsNow(db, sandbox, memory)),
    ...refunds
      .filter(({ id, status }) => status === 'failed' && made.some((other) => other.merchantRefundId === id))
      .map(({ id }) => `${id} failed, and PayPay has made it`),
    ...sandbox.ledger().flatMap((payment) => checkReturned(payment, refunds)),
  ];
}

/** What PayPay has returned of a payment is what our refunds of it say. */
function checkReturned(
  { merchantPaymentId, moneyTaken, moneyReturned }: LedgerEntry,
  refunds: RefundRow[],
): string[] {
  const ours = refunds.filter(
    ({ attempt_id: attemptId, status }) => attemptId === merchantPaymentId && status === 'succeeded',
  );
  const sum = ours.reduce((total, { amount }) => total + amount, 0);
  const isReturnedByGateway = ours.some(({ origin }) => origin === 'gateway');
  const expected = isReturnedByGateway ? moneyTaken : sum;
  const hasNoPayment = ours.length === 0 && moneyReturned === moneyTaken;
  return expected === moneyReturned || hasNoPayment
    ? []
    : [
        `PayPay has returned ${moneyReturned} of ${moneyTaken} of ${merchantPaymentId}, and we say ${expected}`,
      ];
}

async function findWrongSums(db: Db): Promise<string[]> {
  const { rows } = (await db.raw(`
    select id, amount_refunded, amount_captured, sum from payment_intents cross join lateral (
      select coalesce(sum(amount), 0)::bigint as sum from refunds
      where intent_id = payment_intents.id and status <> 'failed' and origin <> 'gateway'
    ) as refunds
    where amount_refunded <> sum or amount_refunded > coalesce(amount_captured, 0)`)) as {
    rows: { id: string; amount_refunded: number; amount_captured: number | null; sum: number }[];
  };
  return rows.map(
    (row) =>
      `${row.id} has amount_refunded ${row.amount_refunded} of ${row.amount_captured}, and its refunds are ${row.sum}`,
  );
}

function checkStatuses({ acknowledged, statuses }: RefundMemory, refunds: RefundRow[]): string[] {
  const byId = new Map(refunds.map((refund) => [refund.id, refund]));
  const faults: string[] = [];
  for (const [id, { intentId, amount }] of acknowledged) {
    const refund = byId.get(id);
    if (refund?.intent_id !== intentId || refund.amount !== amount) {
      faults.push(
        `${id} of ${amount} was acknowledged and is ${refund ? `one of ${refund.amount}` : 'gone'}`,
      );
    }
  }
  for (const { id, status } of refunds) {
    const before = statuses.get(id) ?? 'pending';
    statuses.set(id, status);
    const isPossible =
      before === status || before === 'pending' || (before === 'failed' && status === 'succeeded');
    if (!isPossible) {
      faults.push(`${id} went from ${before} to ${status}`);
    }
  }
  return faults;
}

/** Every refund that PayPay got from us is one of ours, once and with its amount; one that succeeded has returned the money. */
function checkMade(refunds: RefundRow[], sandbox: Sandbox): string[] {
  const byId = new Map(refunds.map((refund) => [refund.id, refund]));
  const made = payPayRefunds(sandbox);
  const faults: string[] = [];
  for (const { merchantRefundId, amount, origin, attemptId } of made.filter((one) => one.origin === 'api')) {
    // A return of the gateway may take several parts.
    const refund = byId.get(merchantRefundId.replace(/_\d+$/, ''));
    const isPart = refund?.origin === 'gateway';
    if (!refund || refund.attempt_id !== attemptId) {
      faults.push(`PayPay has the refund ${merchantRefundId} (${origin}) of ${attemptId}, which is not ours`);
    } else if (!isPart && (refund.amount !== amount || merchantRefundId !== refund.id)) {
      faults.push(
        `PayPay has ${refund.id} as ${merchantRefundId} with ${amount}, and it is of ${refund.amount}`,
      );
    }
  }
  const ids = new Map(made.map((one) => [one.merchantRefundId, one]));
  if (ids.size !== made.length) {
    faults.push('PayPay has made a refund twice');
  }
  const needMoney = refunds.filter(
    ({ status, origin, method }) => status === 'succeeded' && origin === 'merchant' && method === 'provider',
  );
  return [
    ...faults,
    ...needMoney
      .filter(({ id }) => ids.get(id)?.status !== 'REFUNDED')
      .map(({ id }) => `${id} succeeded, and PayPay has it as ${ids.get(id)?.status}`),
  ];
}

function payPayRefunds(sandbox: Sandbox): PayPayRefund[] {
  return sandbox
    .ledger()
    .flatMap(({ merchantPaymentId, refunds }) =>
      refunds.map((refund) => ({ ...refund, attemptId: merchantPaymentId })),
    );
}

export async function readRefunds(db: Db): Promise<RefundRow[]> {
  const { rows } = (await db.raw(
    'select id, intent_id, attempt_id, amount, origin, method, status, provider_refund_id from refunds order by id',
  )) as { rows: RefundRow[] };
  return rows;
}

interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly object_id: string;
}

/**
 * Each refund is created once and then has the one end that it has; only a refund that PayPay made after it had refused it
 * failed first. An intent is refunded once, when nothing is left.
 * @param events in the order of the feed
 */
export async function checkRefundEvents(db: Db, events: readonly EventRow[]): Promise<string[]> {
  const refunds = await readRefunds(db);
  const { rows: intents } = (await db.raw(
    'select id, amount_captured, amount_refunded from payment_intents',
  )) as {
    rows: { id: string; amount_captured: number | null; amount_refunded: number }[];
  };
  const typesOf = (objectId: string) =>
    events.filter((event) => event.object_id === objectId).map(({ type }) => type.replace('refund.', ''));
  const wrongRefunds = refunds.flatMap(({ id, status }) => {
    const types = typesOf(id).join(', ');
    const expected = status === 'pending' ? 'created' : `created, ${status}`;
    const isLate = status === 'succeeded' && types === 'created, failed, succeeded';
    return types === expected || isLate ? [] : [`${id} is ${status} and its events are: ${types}`];
  });
  const wrongIntents = intents.flatMap(({ id, amount_captured: captured, amount_refunded: refunded }) => {
    const times = typesOf(id).filter((type) => type === 'payment_intent.refunded').length;
    const expected = captured !== null && refunded === captured ? 1 : 0;
    return times === expected ? [] : [`${id} has ${times} payment_intent.refunded, should have ${expected}`];
  });
  return [...wrongRefunds, ...wrongIntents];
}

/** The last version of each ended refund that a receiver got is the refund as it is. */
export function checkLastRefunds(
  url: string,
  received: readonly ReceivedEvent[],
  refunds: readonly RefundRow[],
): string[] {
  const last = new Map<string, ReceivedEvent>();
  for (const event of received) {
    if (event.refundId !== undefined && event.version >= (last.get(event.refundId)?.version ?? 0)) {
      last.set(event.refundId, event);
    }
  }
  return refunds.flatMap(({ id, status }) => {
    const body = last.get(id)?.body;
    const shown = body && (JSON.parse(body) as { data: { refund: { status: string } } }).data.refund.status;
    return shown === status ? [] : [`${url} last saw ${id} as ${shown}, and it is ${status}`];
  });
}
