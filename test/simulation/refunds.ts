/**
 * Steps of a simulation about refunds: what merchants request, what staff do in PayPay's console past the gateway, and how
 * PayPay treats refunds meanwhile.
 */
import { DomainError } from '../../src/domain/errors.ts';
import { presentRefund } from '../../src/presenters/refund.ts';
import type { LedgerEntry } from '../../src/sandbox/sandbox.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { type CreateRefund, createRefund } from '../../src/services/operations/refunds/create-refund.ts';
import { listRefunds } from '../../src/services/operations/refunds/list-refunds.ts';
import { retrieveRefund } from '../../src/services/operations/refunds/retrieve-refund.ts';
import { BY_TEST } from '../support/acts.ts';
import type { Node } from './nodes.ts';
import type { RefundMemory } from './refund-checks.ts';
import { act, MERCHANT, once, runOnce, type WeightedStep, type World } from './world.ts';

interface PaidIntent {
  readonly id: string;
  readonly amount: number;
  readonly isCash: boolean;
}

interface WantedRefund {
  readonly key: string | undefined;
  readonly command: CreateRefund;
}

/** What PayPay says while an operator has something to mend; nothing has taken effect. */
const OPERATIONAL_REFUSALS = [
  'UNAUTHORIZED',
  'OP_OUT_OF_SCOPE',
  'TRANSACTION_FAILED',
  'SERVICE_ERROR',
] as const;

export const REFUND_STEPS: readonly WeightedStep[] = [
  [14, refund],
  [6, refundAtOnce],
  [4, refundTwice],
  [3, showRefunds],
  [12, carryOutRefunds],
  [6, useConsole],
  [4, changeRules],
  [3, changePayer],
  [3, refuseRefunds],
  [1, releaseRefunds],
];

async function refund(world: World): Promise<void> {
  const intent = await anyPaid(world);
  if (intent) {
    await requestAt(world, world.random.pick(world.nodes), [wantedOf(world, intent)]);
  }
}

/** Several refunds of one intent at once, on both nodes. */
async function refundAtOnce(world: World): Promise<void> {
  const intent = await anyPaid(world);
  if (!intent) {
    return;
  }
  const wanted = world.nodes.map((node) => ({
    node,
    refunds: Array.from({ length: world.random.integer(1, 3) }, () => wantedOf(world, intent)),
  }));
  await Promise.all(wanted.map(({ node, refunds }) => requestAt(world, node, refunds)));
}

/** The same refund on both nodes: with the same reference, the same Idempotency-Key, or both. */
async function refundTwice(world: World): Promise<void> {
  const intent = await anyPaid(world);
  if (!intent) {
    return;
  }
  const { random } = world;
  const name = `twice-${intent.id}-${random.integer(0, 1_000)}`;
  const wanted = wantedOf(world, intent);
  const hasKey = random.chance(0.6);
  const hasReference = !hasKey || random.chance(0.5);
  const repeated = {
    key: hasKey ? name : undefined,
    command: { ...wanted.command, merchantRefundRefId: hasReference ? name : undefined },
  };
  await Promise.all(world.nodes.map((node) => requestAt(world, node, [repeated])));
}

function wantedOf({ random }: World, { id, amount, isCash }: PaidIntent): WantedRefund {
  const isInCash = isCash || (isReturnedInCash(id) && random.chance(0.3));
  return {
    key: random.chance(0.3) ? `refund-${id}-${random.integer(0, 2)}` : undefined,
    command: {
      merchantId: MERCHANT,
      intentId: id,
      actor: 'sim',
      amount: random.weighted([
        [2, undefined],
        [5, random.integer(1, amount)],
        [6, random.integer(1, Math.ceil(amount / 4))],
        [1, amount + random.integer(1, 100)],
      ] as const),
      method: isInCash && !(isCash && random.chance(0.5)) ? 'cash' : undefined,
      mayReturnInCash: random.chance(0.8),
      maxAmount: undefined,
      storeIds: undefined,
      reason: random.chance(0.5) ? 'requested_by_customer' : undefined,
      description: undefined,
      merchantRefundRefId: random.chance(0.3) ? `ref-${id}-${random.integer(0, 2)}` : undefined,
      merchantStaffId: undefined,
      merchantTerminalId: undefined,
    },
  };
}

/**
 * Whether staff return money of this intent in cash; they use PayPay's console for the others. Who does both returns money
 * twice, which no gateway can prevent.
 */
function isReturnedInCash(intentId: string): boolean {
  return intentId.charCodeAt(intentId.length - 1) % 4 === 0;
}

async function requestAt(world: World, node: Node, wanted: readonly WantedRefund[]): Promise<void> {
  const amounts = wanted.map(({ command }) => command.amount ?? 'all').join(', ');
  const made = await act(
    world,
    `refund ${amounts} of ${wanted[0]?.command.intentId}`,
    (deps) => acceptedOf(wanted.map((one) => requestOne(deps, world.memory.refunds, one))),
    node,
  );
  if (made && made.length < wanted.length) {
    world.say(`  ${wanted.length - made.length} of them refused`);
  }
}

async function requestOne(
  deps: ServiceDeps,
  memory: RefundMemory,
  { key, command }: WantedRefund,
): Promise<void> {
  const request = {
    operation: 'createRefund',
    key,
    content: JSON.stringify(command),
    mode: 'transaction',
  } as const;
  const body = await once(deps, request, async (inner) =>
    presentRefund(await createRefund(inner, command, BY_TEST)),
  );
  const { id, amount } = JSON.parse(body) as ReturnType<typeof presentRefund>;
  memory.acknowledged.set(id, { intentId: command.intentId, amount });
  const earlier = key === undefined ? undefined : memory.byKey.get(key);
  if (earlier !== undefined && earlier !== id) {
    memory.faults.push(`the key ${key} made ${earlier} and ${id}`);
  }
  if (key !== undefined) {
    memory.byKey.set(key, id);
  }
}

/** Those that were not refused. @throws what is no refusal, once all have ended */
async function acceptedOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  const failure = results.find(
    (result) =>
      result.status === 'rejected' && (work.length === 1 || !(result.reason instanceof DomainError)),
  );
  if (failure?.status === 'rejected') {
    throw failure.reason;
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** What a merchant is shown agrees with what it was given. */
async function showRefunds(world: World): Promise<void> {
  const { random, memory } = world;
  const { acknowledged, faults } = memory.refunds;
  const refundId = [...acknowledged.keys()].at(-random.integer(1, 8));
  const given = refundId === undefined ? undefined : acknowledged.get(refundId);
  if (refundId === undefined || !given) {
    return;
  }
  const shown = await act(world, `retrieve ${refundId}`, (deps) =>
    retrieveRefund(deps, { merchantId: MERCHANT, refundId }),
  );
  const listed = await act(world, `list refunds of ${given.intentId}`, (deps) =>
    listRefunds(deps, { ...NO_FILTER, merchantId: MERCHANT, intentId: given.intentId }),
  );
  if (shown && shown.money.amount !== given.amount) {
    faults.push(`${refundId} of ${given.amount} is shown with ${shown.money.amount}`);
  }
  if (listed && !listed.some(({ id }) => id === refundId)) {
    faults.push(`${refundId} is not listed`);
  }
}

const NO_FILTER = {
  storeIds: undefined,
  merchantStoreId: undefined,
  merchantRefundRefId: undefined,
  status: undefined,
  reason: undefined,
  createdFrom: undefined,
  createdTo: undefined,
  startingAfter: undefined,
  limit: 100,
};

async function carryOutRefunds(world: World): Promise<void> {
  await act(world, 'worker refunds', (deps) => runOnce(deps, 'refunds'));
}

/** Staff refund or cancel a payment in PayPay's console, also one that the gateway is about to refund. */
async function useConsole(world: World): Promise<void> {
  const { random, sandbox, say } = world;
  const entry = await anyPayment(world);
  const intentId = entry && (await intentOf(world, entry));
  if (!entry || intentId === undefined || isReturnedInCash(intentId)) {
    return;
  }
  const { merchantPaymentId, amount } = entry;
  if (random.chance(0.25)) {
    const { isAccepted } = await sandbox.merchantConsole.cancel({ merchantPaymentId });
    return say(`staff cancel the payment of ${intentId}: ${isAccepted ? 'done' : 'refused'}`);
  }
  const part = random.chance(0.2) ? undefined : random.integer(1, amount);
  const result = await sandbox.merchantConsole.refund({
    merchantPaymentId,
    ...(part !== undefined && { amount: part }),
  });
  say(`staff refund ${part ?? 'all'} of ${amount} of ${intentId}: ${result.isAccepted ? 'done' : 'refused'}`);
}

async function changeRules({ random, sandbox, say }: World): Promise<void> {
  const { behaviour } = sandbox;
  switch (random.integer(0, 5)) {
    case 0:
      behaviour.allowMultipleRefunds = random.chance(0.5);
      break;
    case 1:
      behaviour.throttledRefunds = random.pick(['similar', 'any']);
      break;
    case 2:
      behaviour.holdRefundsAboveSales = random.chance(0.7);
      break;
    case 3:
      await sandbox.backOffice.payOut();
      say('PayPay pays out the sales');
      break;
    case 4:
      behaviour.refundPauseFromHour = random.integer(0, 23);
      behaviour.refundPauseToHour = random.chance(0.5)
        ? behaviour.refundPauseFromHour
        : random.integer(0, 23);
      break;
    default:
      behaviour.refundHttpStatus = random.pick([200, 201]);
      behaviour.statusAfterPartialRefund = random.pick(['REFUNDED', 'COMPLETED']);
  }
  const {
    allowMultipleRefunds,
    throttledRefunds,
    holdRefundsAboveSales,
    refundPauseFromHour: from,
  } = behaviour;
  const hours = `${from}-${behaviour.refundPauseToHour}`;
  say(
    `refunds: several ${allowMultipleRefunds}, throttled ${throttledRefunds}, held ${holdRefundsAboveSales}, paused ${hours}`,
  );
}

/** The payer closes the PayPay account, or it is suspended for a while. */
async function changePayer(world: World): Promise<void> {
  const { random, sandbox, say } = world;
  const entry = await anyPayment(world);
  if (entry) {
    const payerState = random.pick(['active', 'inactive', 'cancelled'] as const);
    await sandbox.backOffice.change({ merchantPaymentId: entry.merchantPaymentId, payerState });
    say(`the payer of ${entry.merchantPaymentId} is ${payerState}`);
  }
}

async function refuseRefunds({ random, sandbox, say }: World): Promise<void> {
  const result = random.pick(OPERATIONAL_REFUSALS);
  const times = random.integer(1, 3);
  sandbox.faults.add({ operation: 'refund', kind: 'refuse', when: 'before', result, times });
  say(`fault: ${result} refund ×${times}`);
}

async function releaseRefunds(world: World): Promise<void> {
  const entry = await anyPayment(world);
  if (entry) {
    await world.sandbox.backOffice.release({ merchantPaymentId: entry.merchantPaymentId });
    world.say(`PayPay carries out the refunds of ${entry.merchantPaymentId}`);
  }
}

/** PayPay lifts what makes it refuse refunds; those that it holds it still holds. */
export async function permitRefunds({ sandbox, say }: World): Promise<void> {
  Object.assign(sandbox.behaviour, {
    allowMultipleRefunds: true,
    refundPauseFromHour: 0,
    refundPauseToHour: 0,
  });
  for (const { merchantPaymentId } of sandbox.ledger()) {
    await sandbox.backOffice.change({ merchantPaymentId, payerState: 'active' });
  }
  say('PayPay refuses no refunds any more');
}

/** PayPay carries out the refunds that it holds. */
export async function releaseAll({ sandbox, say }: World): Promise<void> {
  sandbox.behaviour.holdRefundsAboveSales = false;
  for (const { merchantPaymentId } of sandbox.ledger()) {
    await sandbox.backOffice.release({ merchantPaymentId });
  }
  say('PayPay carries out all refunds');
}

async function anyPaid({ db, random }: World): Promise<PaidIntent | undefined> {
  const { rows } = (await db.raw(
    `select id, amount_captured as amount, payment_method_type = 'cash' as "isCash"
     from payment_intents where status = 'succeeded' order by id desc limit 5`,
  )) as { rows: PaidIntent[] };
  return rows.length === 0 ? undefined : random.pick(rows);
}

/** A paid payment at PayPay; often one with a refund of ours that is pending. */
async function anyPayment({ db, random, sandbox }: World): Promise<LedgerEntry | undefined> {
  const paid = sandbox.ledger().filter(({ moneyTaken }) => moneyTaken > 0);
  const { rows } = (await db.raw(
    "select attempt_id from refunds where status = 'pending' order by id limit 4",
  )) as { rows: { attempt_id: string }[] };
  const pending = paid.filter((entry) => rows.some((row) => row.attempt_id === entry.merchantPaymentId));
  const entries = pending.length > 0 && random.chance(0.5) ? pending : paid.slice(-6);
  return entries.length === 0 ? undefined : random.pick(entries);
}

async function intentOf({ db }: World, { merchantPaymentId }: LedgerEntry): Promise<string | undefined> {
  const { rows } = (await db.raw('select intent_id from payment_attempts where id = ?', [
    merchantPaymentId,
  ])) as { rows: { intent_id: string }[] };
  return rows[0]?.intent_id;
}
