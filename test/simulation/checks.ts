/**
 * The invariants: during a simulation, and after everything has ended.
 */
import type { LedgerEntry, Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Db } from '../../src/store/db/query.ts';
import {
  checkRefundsAtEnd,
  checkRefundsNow,
  type RefundMemory,
  type RefundRow,
  readRefunds,
} from './refund-checks.ts';

/** The responses that clients got, and the last known state of each intent. */
export interface Memory {
  readonly statuses: Map<string, string>;
  readonly promises: Map<
    string,
    { readonly kind: 'created' | 'cancelled' | 'captured'; readonly amount: number }
  >;
  /** QR content → the intent that it was returned for. */
  readonly codes: Map<string, string>;
  readonly refunds: RefundMemory;
}

interface IntentRow {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly payment_method_type: string | null;
  readonly amount_captured: number | null;
  readonly expires_at: Date;
}

interface AttemptRow {
  readonly id: string;
  readonly intent_id: string;
  readonly status: string;
  readonly next_check_at: Date | null;
}

const TERMINAL = new Set(['succeeded', 'cancelled', 'expired']);

/**
 * Invariants at every moment: at most one payable code per intent; terminal states and acknowledged responses stay; nothing
 * expires early.
 * @param now the true time, which is the database's
 */
export async function checkNow(db: Db, sandbox: Sandbox, memory: Memory, now: Date): Promise<string[]> {
  const [intents, attempts] = await readTables(db);
  const faults = intents.flatMap((intent) => [
    ...checkStatus(memory, intent),
    ...(hasExpiredEarly(intent, now) ? [`${intent.id} expired before its time`] : []),
  ]);
  const intentOf = new Map(attempts.map(({ id, intent_id }) => [id, intent_id]));
  const payable = new Map<string, number>();
  for (const entry of sandbox.ledger().filter((code) => isPayable(code, sandbox.clock.now()))) {
    const intentId = intentOf.get(entry.merchantPaymentId) ?? 'an unknown intent';
    payable.set(intentId, (payable.get(intentId) ?? 0) + 1);
  }
  for (const [intentId, codes] of payable) {
    if (codes > 1) {
      faults.push(`${intentId} has ${codes} payable codes`);
    }
  }
  for (const intent of intents.filter(isOverWithoutQr)) {
    if (payable.has(intent.id)) {
      faults.push(`${intent.id} is ${intent.status} and its code can still be paid`);
    }
  }
  for (const [url, intentId] of memory.codes) {
    const entry = sandbox.ledger().find((code) => code.url === url);
    if (entry && intentOf.get(entry.merchantPaymentId) !== intentId) {
      faults.push(`${intentId} was given another intent's code`);
    }
  }
  return [...faults, ...(await checkRefundsNow(db, sandbox, memory.refunds))];
}

/** At the end: the ledgers agree to the yen and nothing is left open. */
export async function checkLedgers(db: Db, sandbox: Sandbox, memory: Memory): Promise<string[]> {
  const [intents, attempts] = await readTables(db);
  return [
    ...intents.flatMap((intent) => checkStatus(memory, intent)),
    ...intents
      .filter(({ status }) => !TERMINAL.has(status))
      .map(({ id, status }) => `${id} is still ${status}`),
    ...attempts
      .filter(({ next_check_at: next }) => next !== null)
      .map(({ id, status }) => `${id} (${status}) is still looked at`),
    ...(await leftOpen(db)),
    ...checkMoney(intents, attempts, await readRefunds(db), sandbox.ledger()),
    ...(await checkRefundsAtEnd(db, sandbox, memory.refunds)),
  ];
}

function checkMoney(
  intents: IntentRow[],
  attempts: AttemptRow[],
  refunds: RefundRow[],
  ledger: LedgerEntry[],
): string[] {
  const intentOf = new Map(attempts.map(({ id, intent_id }) => [id, intent_id]));
  const held = new Map<string, number[]>();
  const faults: string[] = [];
  for (const { merchantPaymentId, moneyTaken, moneyReturned } of ledger) {
    const intentId = intentOf.get(merchantPaymentId);
    if (intentId === undefined) {
      faults.push(`PayPay knows ${merchantPaymentId}, we do not`);
    } else if (moneyTaken !== moneyReturned) {
      held.set(intentId, [...(held.get(intentId) ?? []), moneyTaken - moneyReturned]);
    }
    if (moneyReturned > moneyTaken) {
      faults.push(`${merchantPaymentId} gave back ${moneyReturned} of ${moneyTaken}`);
    }
  }
  let ours = 0;
  for (const { id, status, amount, payment_method_type: method } of intents) {
    const kept = amount - refundedBy(refunds, id);
    const expected = status === 'succeeded' && method === 'qr_mpm' && kept !== 0 ? [kept] : [];
    const actual = held.get(id) ?? [];
    ours += expected[0] ?? 0;
    if (JSON.stringify(actual) !== JSON.stringify(expected)) {
      faults.push(
        `${id} is ${status} by ${method}: PayPay holds ${JSON.stringify(actual)}, should hold ${JSON.stringify(expected)}`,
      );
    }
  }
  const theirs = ledger.reduce((sum, { moneyTaken, moneyReturned }) => sum + moneyTaken - moneyReturned, 0);
  return ours === theirs ? faults : [...faults, `PayPay holds ${theirs} in all, should hold ${ours}`];
}

/** What PayPay has refunded of the money that the intent has. */
function refundedBy(refunds: RefundRow[], intentId: string): number {
  return refunds
    .filter((refund) => refund.intent_id === intentId && refund.status === 'succeeded')
    .filter(({ method, origin }) => method === 'provider' && origin !== 'gateway')
    .reduce((sum, { amount }) => sum + amount, 0);
}

function checkStatus({ statuses, promises }: Memory, intent: IntentRow): string[] {
  const { id, status } = intent;
  const before = statuses.get(id);
  statuses.set(id, status);
  const faults: string[] = [];
  const isLateUpdate = before === 'expired' && status === 'succeeded';
  if (before && TERMINAL.has(before) && before !== status && !isLateUpdate) {
    faults.push(`${id} went from ${before} to ${status}`);
  }
  const promise = promises.get(id);
  if (promise?.kind === 'cancelled' && status !== 'cancelled') {
    faults.push(`${id} was promised cancelled and is ${status}`);
  }
  if (promise?.kind === 'captured' && (status !== 'succeeded' || intent.payment_method_type !== 'cash')) {
    faults.push(`${id} was promised captured and is ${status} by ${intent.payment_method_type}`);
  }
  return faults;
}

/** Early by more than the possible error of a measurement of the database's clock. */
function hasExpiredEarly({ status, expires_at: expiresAt }: IntentRow, now: Date): boolean {
  return status === 'expired' && expiresAt.getTime() > now.getTime() + 1_000;
}

/** Whether its code must be dead, given how it ended. */
function isOverWithoutQr({ status, payment_method_type: method }: IntentRow): boolean {
  return status === 'cancelled' || status === 'expired' || method === 'cash';
}

/** Whether a payer can pay the code, and the payment would be kept. */
function isPayable(entry: LedgerEntry, now: Date): boolean {
  return (
    entry.status === 'CREATED' &&
    !entry.deletedAt &&
    !entry.cancelRequestedAt &&
    entry.expiresAt > now.getTime()
  );
}

async function leftOpen(db: Db): Promise<string[]> {
  const { rows } = (await db.raw(`
    select 'refund ' || id || ' is pending: ' || coalesce(last_error_code, '') as fault from refunds where status = 'pending'
    union all select 'webhook ' || id || ' waits' from provider_webhooks where status = 'received'
    union all select 'attempt ' || id || ' is ' || status from payment_attempts
              where status in ('creating', 'live', 'closing', 'abandoning')
    union all select 'intent ' || id || ' was created and is gone' from (values ('')) as none (id) where id <> ''`)) as {
    rows: { fault: string }[];
  };
  return rows.map(({ fault }) => fault);
}

async function readTables(db: Db): Promise<[IntentRow[], AttemptRow[]]> {
  const intents = (await db.raw(
    'select id, status, amount, payment_method_type, amount_captured, expires_at from payment_intents',
  )) as { rows: IntentRow[] };
  const attempts = (await db.raw('select id, intent_id, status, next_check_at from payment_attempts')) as {
    rows: AttemptRow[];
  };
  return [intents.rows, attempts.rows];
}
