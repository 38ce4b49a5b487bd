import { createPayPayProvider } from '../../src/providers/paypay/index.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { cancelPaymentIntent } from '../../src/services/operations/cancel-payment-intent.ts';
import { capturePaymentIntent } from '../../src/services/operations/capture-payment-intent.ts';
import { confirmPaymentIntent } from '../../src/services/operations/confirm-payment-intent.ts';
import {
  createPaymentIntent,
  storePaymentIntent,
} from '../../src/services/operations/create-payment-intent.ts';
import { receiveProviderWebhook } from '../../src/services/operations/receive-paypay-webhook.ts';
import { retrievePaymentIntent } from '../../src/services/operations/retrieve-payment-intent.ts';
import { syncMerchants } from '../../src/services/operations/sync-merchants.ts';
import { checkMoney } from '../../src/services/operator/check-money.ts';
import { reconcileAttempt } from '../../src/services/reconcile/reconcile-attempt.ts';
import type { Db } from '../../src/store/db/query.ts';
import { createWorkers } from '../../src/workers/workers.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { silentLog } from '../support/silent-log.ts';
import { checkLedgers, checkNow, type Memory } from './checks.ts';
import { createDatabaseFaults } from './database-faults.ts';
import { breakTls, failDatabase, measureSlowly, PAYPAY_MERCHANT, stepClock } from './misbehaviour.ts';
import { createNodeClock } from './node-clock.ts';
import { createNode, type Node } from './nodes.ts';
import { createRandom } from './random.ts';
import { createReceivers, FAILURE_KINDS } from './receivers.ts';
import { checkHeld, createRefundMemory, readRefunds } from './refund-checks.ts';
import { permitRefunds, REFUND_STEPS, releaseAll } from './refunds.ts';
import { applySabotage, type Sabotage } from './sabotage.ts';
import { withTlsFaults } from './unreachable.ts';
import {
  checkEvents,
  createEndpoints,
  type EventsMemory,
  enableAndReplay,
  readFeedPage,
  takePage,
} from './webhooks.ts';
import { act, anyIntent, MERCHANT, once, runOnce, type WeightedStep, type World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
  /** A migrated database of its own. */
  readonly db: Db;
  /** A mistake to be found while the steps are taken, which are about refunds. */
  readonly sabotage?: Sabotage | undefined;
}

export interface SimulationReport {
  readonly seed: number;
  /** What was done, a line a step, for the reader of a failure. */
  readonly history: readonly string[];
  /** Each a sentence; none is wanted. */
  readonly faults: readonly string[];
  readonly intents: number;
  readonly payments: number;
  /** Requested by merchants. */
  readonly refunds: number;
  /** Those of them that failed. */
  readonly failedRefunds: number;
  /** Found in PayPay's record. */
  readonly consoleRefunds: number;
  /** Of money that no intent could take. */
  readonly returns: number;
  readonly deaths: number;
}

/** Longer than all retries of one delivery. */
const HOURS_OF_RETRIES = 92;
const SLOW_PAYER_MS = 300_000;
const PAYPAY = { apiKey: 'sim', apiSecret: 'sim' };
/** Real time: what hangs is given up soon. */
const TIMEOUTS_MS = { post: 60, other: 60 };
/** While a step runs, the fake clock goes this much faster than the real one. */
const TICK = { everyMs: 4, byMs: 100 };
const OPERATIONS = [
  'createCode',
  'deleteCode',
  'paymentDetails',
  'cancelPayment',
  'refund',
  'refundDetails',
] as const;
const KINDS = [
  'hang',
  'reset',
  'error',
  'bad_gateway',
  'rate_limit',
  'maintenance',
  'malformed_json',
  'wrong_answer',
  'slow',
] as const;
/** A COMPLETED that is no lie in form cannot be told from the truth, so PayPay is not made to tell it. */
const WRONG = [
  'no_data',
  'empty_data',
  'missing_fields',
  'wrong_types',
  'other_amount',
  'other_currency',
  'other_payment',
  'unknown_status',
] as const;

/** Runs one simulation. Throws only when the simulation itself is broken; what it finds is in the report. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const history: string[] = [];
  const world = await createWorld(options, history);
  const faults: string[] = [];
  try {
    for (let step = 1; step <= options.steps && faults.length === 0; step += 1) {
      await ticking(world.clock, () => takeStep(world, step));
      faults.push(...(await checkNow(world.db, world.sandbox, world.memory, world.clock.now())));
    }
    if (faults.length === 0 && !options.sabotage) {
      faults.push(...(await reconcileAll(world)));
    }
    return await report(options.seed, world, history, faults);
  } finally {
    await world.sandbox.close();
  }
}

async function createWorld({ seed, db, sabotage }: SimulationOptions, history: string[]): Promise<World> {
  const random = createRandom(seed);
  // Some runs begin shortly before the cancel window closes (00:15 JST).
  const start = random.chance(0.3) ? '2026-01-15T15:05:00Z' : '2026-01-15T03:00:00Z';
  const clock = createTestClock(new Date(start));
  const behaviour = {
    duplicateCode: random.weighted([
      [8, 'refuse'],
      [2, 'replay'],
    ] as const),
    unpaidCodeDetails: random.weighted([
      [8, 'created'],
      [2, 'not_found'],
    ] as const),
    deletedCodeDetails: random.weighted([
      [5, 'not_found'],
      [5, 'created'],
    ] as const),
    deletePaidCode: random.weighted([
      [5, 'already_paid'],
      [5, 'not_found'],
    ] as const),
    cancelDelaySeconds: random.pick([0, 0, 30]),
    refundDelaySeconds: sabotage === 'new_id_each_try' ? 3_600 : random.pick([0, 5, 120]),
    // A mistake is found only if refunds fail, or are tried again.
    allowMultipleRefunds: sabotage !== 'reservation_kept' && random.chance(0.9),
    throttledRefunds: random.pick(['similar', 'any'] as const),
    holdRefundsAboveSales: random.chance(0.3),
  };
  const sandbox = await startSandbox({
    credentials: [PAYPAY],
    clock,
    seed,
    webhookMode: 'manual',
    webhookUrl: 'http://127.0.0.1:9/',
    ...behaviour,
  });
  // PayPay's clock is not ours.
  sandbox.clock.advance(random.pick([0, 0, -100_000, 100_000]));
  const nodeClocks = [await createNodeClock(clock), await createNodeClock(clock)] as const;
  const databaseFaults = createDatabaseFaults();
  const payPay = withTlsFaults(
    connectPayPay(sandbox.url, clock),
    connectPayPay(sandbox.url.replace('http:', 'https:'), clock),
  );
  const sabotaged = await applySabotage(sabotage, db, payPay.provider);
  const faultyDb = databaseFaults.wrap(sabotaged.db);
  const receivers = createReceivers(random);
  const outside = { provider: sabotaged.provider, sender: receivers.sender };
  const nodes = [
    createNode(faultyDb, outside, nodeClocks[0], silentLog),
    createNode(faultyDb, outside, nodeClocks[1], silentLog),
  ] as const;
  const configs = [
    { provider: 'PAYPAY' as const, isActive: true, credentials: { merchant_id: PAYPAY_MERCHANT } },
  ];
  await syncMerchants(nodes[0].deps, [
    { id: MERCHANT, name: 'M', stores: [{ id: 's', name: 'S', configs }] },
  ]);
  const endpoints = await createEndpoints(nodes[0].deps, MERCHANT);
  const events: EventsMemory = { receivers, endpoints, feed: { cursor: 'oldest', ids: [] } };
  const memory: Memory = {
    statuses: new Map(),
    promises: new Map(),
    codes: new Map(),
    refunds: createRefundMemory(),
  };
  const say = (line: string) => history.push(`${clock.now().toISOString()} ${line}`);
  const own = { random, clock, sandbox, nodes, nodeClocks, databaseFaults, payPay, db, memory, events, say };
  return { ...own, steps: sabotage ? STEPS_OF_REFUNDS : stepsWith(random.pick([1, 4])), deaths: 0 };
}

function connectPayPay(baseUrl: string, clock: TestClock): Provider {
  return createPayPayProvider({
    baseUrl,
    ...PAYPAY,
    clock,
    log: silentLog,
    circuit: false,
    timeoutsMs: TIMEOUTS_MS,
    webhooks: { secret: undefined, allowedIps: [] },
  });
}

const STEPS: readonly WeightedStep[] = [
  [10, createIntent],
  [10, sell],
  [20, confirm],
  [4, confirmTwiceAtOnce],
  [4, confirmAndCancelAtOnce],
  [6, cancel],
  [4, capture],
  [6, retrieve],
  [22, pay],
  [5, payForced],
  [5, payAtTheEdge],
  [4, decline],
  [10, deliverWebhook],
  [2, forgeWebhook],
  [16, runWorker],
  [16, runEventWorkers],
  [6, readFeed],
  [6, breakReceiver],
  [2, enableEndpoint],
  [12, passTime],
  [10, addFault],
  [3, clearFaults],
  [4, stepClock],
  [2, measureSlowly],
  [3, failDatabase],
  [2, breakTls],
];

/** What a mistake about refunds needs to show. */
const STEPS_OF_REFUNDS: readonly WeightedStep[] = [[10, sell], [12, passTime], ...REFUND_STEPS];

/** @param share how often refunds are dealt with, compared to their own weights */
function stepsWith(share: number): readonly WeightedStep[] {
  return [...STEPS, ...REFUND_STEPS.map(([weight, step]) => [weight * share, step] as const)];
}

async function takeStep(world: World, step: number): Promise<void> {
  const { random, nodes } = world;
  for (const node of nodes) {
    if (random.chance(0.08)) {
      node.armDeath(random.integer(0, 12), random.chance(0.5));
    }
  }
  world.say(`-- step ${step}`);
  await random.weighted(world.steps)(world);
}

/** @returns its id, unless the request failed */
async function createIntent(world: World): Promise<string | undefined> {
  const { random } = world;
  const input = {
    merchantId: MERCHANT,
    actor: 'sim',
    amount: random.integer(1, 5_000),
    currency: 'JPY',
    paymentMethodTypes: ['qr_mpm', 'cash'] as const,
    merchantRefId: `order-${world.memory.statuses.size}`,
    merchantStoreId: 's',
    merchantTerminalId: undefined,
    description: undefined,
    returnUrl: undefined,
    expiresInMinutes: random.pick([1, 3, 10, 30, 240]),
  };
  const made = await act(world, 'create', async (deps) => {
    const created = createPaymentIntent(deps, input);
    await storePaymentIntent(deps, created.creates);
    return created;
  });
  if (made) {
    world.memory.promises.set(made.intent.id, { kind: 'created', amount: input.amount });
  }
  return made?.intent.id;
}

/** An order without a detour: paid by code or in cash, so that there is something to refund. */
async function sell(world: World): Promise<void> {
  const intentId = await createIntent(world);
  const node = world.random.pick(world.nodes);
  if (intentId === undefined) {
    return;
  }
  if (world.random.chance(0.2)) {
    return endAt(world, node, intentId, 'capture');
  }
  const qrContent = await confirmAt(world, node, intentId);
  const entry = world.sandbox.ledger().find(({ url }) => url === qrContent);
  if (qrContent !== undefined && entry) {
    await payCode(world, qrContent, false);
    await act(world, `read the payment of ${intentId}`, (deps) =>
      reconcileAttempt(deps, entry.merchantPaymentId, { goal: 'read', actor: 'sim', isScheduled: true }),
    );
  }
}

async function confirm(world: World): Promise<void> {
  const intentId = await anyIntent(world);
  if (intentId) {
    await confirmAt(world, world.random.pick(world.nodes), intentId);
  }
}

async function confirmTwiceAtOnce(world: World): Promise<void> {
  const intentId = await anyIntent(world);
  if (!intentId) {
    return;
  }
  await Promise.all(world.nodes.map((node) => confirmAt(world, node, intentId)));
}

async function confirmAndCancelAtOnce(world: World): Promise<void> {
  const intentId = await anyIntent(world);
  if (!intentId) {
    return;
  }
  await Promise.all([
    confirmAt(world, world.nodes[0], intentId),
    endAt(world, world.nodes[1], intentId, 'cancel'),
  ]);
}

/** @returns the content of the QR code, unless the request failed */
async function confirmAt(world: World, node: Node, intentId: string): Promise<string | undefined> {
  const input = {
    merchantId: MERCHANT,
    intentId,
    actor: 'sim',
    paymentMethodType: 'qr_mpm' as const,
    provider: 'PAYPAY' as const,
  };
  const key = world.random.chance(0.5) ? `confirm-${intentId}-${world.random.integer(0, 2)}` : undefined;
  const answer = await act(
    world,
    `confirm ${intentId}`,
    (deps) =>
      once(deps, { operation: 'confirm', key, content: intentId, mode: 'lease' }, () =>
        confirmPaymentIntent(deps, input),
      ),
    node,
  );
  if (!answer) {
    return undefined;
  }
  const { qrContent } = JSON.parse(answer) as { qrContent: string };
  world.memory.codes.set(qrContent, intentId);
  return qrContent;
}

async function cancel(world: World): Promise<void> {
  const intentId = await anyIntent(world);
  if (intentId) {
    await endAt(world, world.random.pick(world.nodes), intentId, 'cancel');
  }
}

async function capture(world: World): Promise<void> {
  const intentId = await anyIntent(world);
  if (intentId) {
    await endAt(world, world.random.pick(world.nodes), intentId, 'capture');
  }
}

async function endAt(world: World, node: Node, intentId: string, input: 'cancel' | 'capture'): Promise<void> {
  const key = world.random.chance(0.5) ? `${input}-${intentId}` : undefined;
  const command = { merchantId: MERCHANT, intentId, actor: 'sim' };
  const end = (deps: ServiceDeps, idempotencyId: string | undefined) =>
    input === 'cancel'
      ? cancelPaymentIntent(deps, command)
      : capturePaymentIntent(deps, { ...command, amount: undefined, idempotencyId });
  const answer = await act(
    world,
    `${input} ${intentId}`,
    (deps) => once(deps, { operation: input, key, content: intentId, mode: 'lease' }, end),
    node,
  );
  if (answer) {
    world.memory.promises.set(intentId, { kind: input === 'cancel' ? 'cancelled' : 'captured', amount: 0 });
  }
}

async function retrieve(world: World): Promise<void> {
  const intentId = await anyIntent(world);
  if (intentId) {
    await act(world, `retrieve ${intentId}`, (deps) =>
      retrievePaymentIntent(deps, { merchantId: MERCHANT, intentId }),
    );
  }
}

async function pay(world: World): Promise<void> {
  const qrContent = anyCode(world);
  if (qrContent) {
    await payCode(world, qrContent, false);
  }
}

/** The payer had scanned the code before it was deleted or expired. */
async function payForced(world: World): Promise<void> {
  const qrContent = anyCode(world);
  if (qrContent) {
    await payCode(world, qrContent, true);
  }
}

/** Pays a second before or after the code's expiry. */
async function payAtTheEdge(world: World): Promise<void> {
  const qrContent = anyCode(world);
  const entry = world.sandbox.ledger().find(({ url }) => url === qrContent);
  if (!qrContent || !entry) {
    return;
  }
  const moment = entry.expiresAt + world.random.pick([-1_000, -1, 0, 1, 1_000]);
  const waitMs = moment - world.sandbox.clock.now().getTime();
  if (waitMs > 0 && waitMs < 600_000) {
    await world.clock.advance(waitMs);
  }
  await payCode(world, qrContent, world.random.chance(0.5));
}

async function payCode(world: World, qrContent: string, force: boolean): Promise<void> {
  const entry = world.sandbox.ledger().find(({ url }) => url === qrContent);
  // Who scanned in time may be slow to confirm, but not for ever.
  if (force && entry && world.sandbox.clock.now().getTime() > entry.expiresAt + SLOW_PAYER_MS) {
    return;
  }
  const result = await world.sandbox.pay({ qrContent, force });
  world.say(
    `payer pays ${world.memory.codes.get(qrContent)}${force ? ' (forced)' : ''}: ${result.isAccepted ? 'paid' : result.reason}`,
  );
}

async function decline(world: World): Promise<void> {
  const qrContent = anyCode(world);
  if (!qrContent) {
    return;
  }
  const result = await world.sandbox.decline({ qrContent });
  world.say(
    `payer declines ${world.memory.codes.get(qrContent)}: ${result.isAccepted ? 'declined' : result.reason}`,
  );
}

async function deliverWebhook(world: World): Promise<void> {
  const { random, sandbox } = world;
  const waiting = sandbox.webhooks.pending();
  if (waiting.length === 0) {
    return;
  }
  const webhook = random.pick(waiting);
  const isLost = random.chance(0.4);
  const times = isLost ? 0 : random.pick([1, 1, 1, 2, 3]);
  if (!random.chance(0.1)) {
    sandbox.webhooks.drop(webhook.id);
  }
  world.say(`webhook ${webhook.id} is delivered ${times} times`);
  for (let index = 0; index < times; index += 1) {
    await receive(world, webhook.body);
  }
}

/** Whatever it says, it must change nothing that PayPay does not confirm. */
async function forgeWebhook(world: World): Promise<void> {
  const [attempt] = await world.db
    .raw('select id from payment_attempts order by random() limit 1')
    .then(({ rows }: { rows: { id: string }[] }) => rows);
  const claim = {
    notification_type: 'Transaction',
    order_id: `forged-${world.random.integer(0, 9)}`,
    merchant_order_id: attempt?.id ?? 'none',
    state: world.random.pick(['COMPLETED', 'FAILED', 'EXPIRED']),
    order_amount: '999999',
  };
  await receive(world, JSON.stringify(claim));
}

async function receive(world: World, body: string): Promise<void> {
  const webhook = { headers: {}, body: Buffer.from(body), peerAddress: '127.0.0.1' };
  await act(world, 'webhook', (deps) => receiveProviderWebhook(deps, payPayOf(deps), webhook));
}

async function runWorker(world: World): Promise<void> {
  const names = ['webhooks', 'attempts', 'check-times', 'expiry', 'refunds', 'idempotency-keys'];
  const name = world.random.pick(names);
  await act(world, `worker ${name}`, (deps) => runOnce(deps, name));
}

/** Numbering and delivery, which may die between any two steps. */
async function runEventWorkers(world: World): Promise<void> {
  for (const name of world.random.pick([['events'], ['deliveries'], ['events', 'deliveries']])) {
    await act(world, `worker ${name}`, (deps) => runOnce(deps, name));
  }
}

/** A client that follows the feed: its cursor moves only when it has received a page. */
async function readFeed(world: World): Promise<void> {
  const { feed } = world.events;
  const limit = world.random.integer(1, 5);
  const page = await act(world, `read feed ${feed.cursor}`, (deps) =>
    readFeedPage(deps, MERCHANT, feed, limit),
  );
  if (page) {
    takePage(feed, page);
  }
}

async function breakReceiver({ random, events, say }: World): Promise<void> {
  const endpoint = random.pick(events.endpoints);
  const kind = random.pick(FAILURE_KINDS.filter((name) => name !== 'gone' || endpoint.mayBeGone));
  const times = kind === 'gone' ? 1 : random.integer(1, 8);
  events.receivers.fail(endpoint.url, kind, times);
  say(`receiver ${endpoint.url}: ${kind} ×${times}`);
}

/** What a merchant does after its receiver was away for long. */
async function enableEndpoint(world: World): Promise<void> {
  const endpoint = world.random.pick(world.events.endpoints.filter(({ mayBeGone }) => mayBeGone));
  await act(world, `enable ${endpoint.url}`, (deps) =>
    enableAndReplay(deps, MERCHANT, endpoint, world.clock.now()),
  );
}

async function passTime(world: World): Promise<void> {
  const durationMs = world.random.weighted([
    [10, world.random.integer(100, 4_000)],
    [6, world.random.integer(5_000, 60_000)],
    [4, world.random.integer(60_000, 400_000)],
    [1, world.random.integer(1_800_000, 7_200_000)],
  ]);
  await world.clock.advance(durationMs);
  world.say(`${durationMs / 1000} s pass`);
}

async function addFault({ random, sandbox, say }: World): Promise<void> {
  const kind = random.pick(KINDS);
  const fault = {
    operation: random.pick(OPERATIONS),
    kind,
    // A 429 and a 503 of maintenance say that nothing was done, and PayPay does not lie about that.
    when:
      kind === 'rate_limit' || kind === 'maintenance'
        ? ('before' as const)
        : random.pick(['before', 'after'] as const),
    times: random.integer(1, 3),
    wrong: random.pick(WRONG),
    delayMs: random.integer(1_000, 20_000),
  };
  sandbox.faults.add(fault);
  say(
    `fault: ${fault.kind} ${fault.when} ${fault.operation} ×${fault.times} ${fault.kind === 'wrong_answer' ? fault.wrong : ''}`,
  );
}

async function clearFaults({ sandbox, databaseFaults, payPay, events, say }: World): Promise<void> {
  sandbox.faults.clear();
  databaseFaults.clear();
  payPay.breakFor(0);
  events.receivers.clear();
  say('faults are over');
}

function payPayOf({ providers }: ServiceDeps): Provider {
  const provider = providers.find('PAYPAY');
  if (!provider) {
    throw new Error('PayPay is not set up');
  }
  return provider;
}

function anyCode({ memory, random }: World): string | undefined {
  const codes = [...memory.codes.keys()].slice(-8);
  return codes.length === 0 ? undefined : random.pick(codes);
}

/** Time goes on by itself while work waits, for leases and pauses to run out. */
async function ticking<T>(clock: TestClock, work: () => Promise<T>): Promise<T> {
  const ticks = setInterval(() => void clock.advance(TICK.byMs), TICK.everyMs);
  try {
    return await work();
  } finally {
    clearInterval(ticks);
  }
}

/**
 * No more faults, no more clients: the workers alone bring everything to its end. First PayPay still holds the refunds that it
 * holds on purpose; once it has carried them out, its record of every payment is read by `pgw money check`.
 */
async function reconcileAll(world: World): Promise<string[]> {
  world.say('== the faults stop, time passes, the workers work');
  await clearFaults(world);
  await permitRefunds(world);
  await runAllWorkers(world, [
    ...Array<number>(40).fill(5_000),
    ...Array<number>(40).fill(60_000),
    ...Array<number>(60).fill(600_000),
  ]);
  const held = await checkHeld(world.db, world.sandbox);
  await releaseAll(world);
  // A refund that is found at PayPay may decide about another one of the payment.
  for (let checks = 0; checks < 2; checks += 1) {
    await checkAllMoney(world);
    await runAllWorkers(world, Array<number>(10).fill(200_000));
  }
  return [
    ...held,
    ...(await checkLedgers(world.db, world.sandbox, world.memory)),
    ...(await checkAllMoney(world)),
    ...(await finishEvents(world)),
  ];
}

const MONEY_CHECKS = 50;

/**
 * What the operator does every night, again while PayPay did not respond in time, which on a busy machine needs no fault.
 * @returns the differences that stay
 */
async function checkAllMoney({ nodes }: World): Promise<string[]> {
  let check = await nodes[0].run(checkMoney);
  for (let tries = 1; check && check.unreadable > 0 && tries < MONEY_CHECKS; tries += 1) {
    check = await nodes[0].run(checkMoney);
  }
  return (check?.differences ?? []).map(
    ({ attemptId, ours, theirs }) => `money check: ${attemptId}: ours ${ours}, theirs ${theirs}`,
  );
}

async function runAllWorkers(world: World, pausesMs: readonly number[]): Promise<void> {
  for (const pauseMs of pausesMs) {
    await ticking(world.clock, () =>
      world.nodes[0].run(async (deps) => {
        for (const worker of createWorkers(deps)) {
          await worker.runOnce();
          await worker.finish?.();
        }
      }),
    );
    await world.clock.advance(pauseMs);
  }
}

/** The merchant enables its endpoints again, everything is sent, and the reader of the feed reaches its end. */
async function finishEvents(world: World): Promise<string[]> {
  const { clock, events, nodes } = world;
  const { deps } = nodes[0];
  for (const endpoint of events.endpoints.filter(({ mayBeGone }) => mayBeGone)) {
    await enableAndReplay(deps, MERCHANT, endpoint, clock.now());
  }
  for (let hours = 0; hours < HOURS_OF_RETRIES; hours += 1) {
    await runOnce(deps, 'events');
    await runOnce(deps, 'deliveries');
    await clock.advance(3_600_000);
  }
  for (let hasMore = true; hasMore; ) {
    const page = await readFeedPage(deps, MERCHANT, events.feed, 50);
    takePage(events.feed, page);
    ({ hasMore } = page);
  }
  return checkEvents(world.db, events);
}

async function report(
  seed: number,
  world: World,
  history: string[],
  faults: string[],
): Promise<SimulationReport> {
  const refunds = await readRefunds(world.db);
  const count = async (table: string): Promise<number> =>
    ((await world.db.raw(`select count(*)::int as n from ${table}`)) as { rows: { n: number }[] }).rows[0]
      ?.n ?? 0;
  return {
    seed,
    history,
    faults,
    intents: await count('payment_intents'),
    payments: world.sandbox.ledger().filter(({ moneyTaken }) => moneyTaken > 0).length,
    refunds: refunds.filter(({ origin }) => origin === 'merchant').length,
    failedRefunds: refunds.filter(({ status }) => status === 'failed').length,
    consoleRefunds: refunds.filter(({ origin }) => origin === 'provider').length,
    returns: refunds.filter(({ origin }) => origin === 'gateway').length,
    deaths: world.deaths,
  };
}
