/**
 * The gateway as a process under load, killed with SIGKILL at random moments and started again, many times. Afterwards
 * every acknowledged response must still hold, every acknowledged refund must have been made once, the gateway's tables must agree with PayPay's ledger to the yen, and the
 * merchant's receiver of webhooks must have every event. Clients
 * behave like correct merchants: they repeat a request with its Idempotency-Key until it gets a response.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/lib/clock.ts';
import { createCrypt } from '../../src/lib/encryption.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { syncMerchants } from '../../src/services/operations/sync-merchants.ts';
import { createWebhookEndpoint } from '../../src/services/operations/webhook-endpoints/create-webhook-endpoint.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { connect } from '../../src/store/db/knex.ts';
import type { WebhookSender } from '../../src/webhook-sender/sender.ts';
import { BY_TEST } from '../support/acts.ts';
import { type Program, startProgram, waitForHealth } from '../support/program.ts';
import { scriptedSender } from '../support/scripted-sender.ts';

export interface CrashOptions {
  readonly databaseUrl: string;
  readonly sandbox: Sandbox;
  readonly kills: number;
  readonly port: number;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface CrashReport {
  readonly kills: number;
  /** Events in the feed, and webhooks that the merchant's receiver got, with those it got again. */
  readonly events: number;
  readonly received: number;
  readonly acknowledged: {
    readonly created: number;
    readonly confirmed: number;
    readonly cancelled: number;
    readonly captured: number;
    readonly paid: number;
    readonly refunds: number;
  };
  /** One sentence each; empty if all is well. */
  readonly faults: readonly string[];
}

interface Order {
  readonly ref: string;
  id?: string;
  token?: string;
  isConfirmed?: boolean;
  isPaid?: boolean;
  end?: 'cancelled' | 'captured' | 'refused';
  /** Acknowledged refunds. */
  readonly refunds: { readonly id: string; readonly amount: number }[];
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are validated against the contract elsewhere
  readonly body: any;
}

const PAYPAY = { apiKey: 'crash-key', apiSecret: 'crash-secret', webhookSecret: 'crash-webhooks' };
const CLIENTS = 6;
const MERCHANT_ID = 'merchant_crash';
const AMOUNT = 100;
/** More than an intent has, so that some are refused. */
const REFUNDS = [30, 50, 40];
/** How often a client asks for a refund of a payment of which the gateway does not know yet. */
const EARLY_TRIES = 40;
/** How many responses a process sends between its start and its death. */
const LIFE_ANSWERS = { least: 15, most: 60 };
const RETRY_MS = 30;
const RECONCILE_TRIES = 4_000;
/** The receiver refuses one request of so many. */
const REFUSED_EVERY = 50;

/** Counts the responses to all clients. */
interface Progress {
  count(): void;
  /** Resolves after that many more responses. */
  more(answers: number): Promise<void>;
}

export async function runCrashes(options: CrashOptions): Promise<CrashReport> {
  const encryptionKey = randomBytes(32);
  const db = connect(options.databaseUrl, { poolMax: 4 });
  const receiver = await startReceiver();
  const credentials = await prepareMerchant(db, encryptionKey, receiver.url);
  options.sandbox.addCredential({ apiKey: PAYPAY.apiKey, apiSecret: PAYPAY.apiSecret });
  options.sandbox.webhooks.secret = PAYPAY.webhookSecret;
  options.sandbox.webhooks.url = `http://127.0.0.1:${options.port}/v1/webhooks/paypay`;
  const stopping = { isStopping: false };
  const progress = createProgress();
  const send = createSender(options.port, credentials, progress);
  const clients = Array.from({ length: CLIENTS }, (_, name) =>
    runClient(`c${name}`, send, options, stopping),
  );
  const last = await killAgainAndAgain(options, encryptionKey, progress);
  stopping.isStopping = true;
  const orders = (await Promise.all(clients)).flat();
  await passClaims(db);
  const faults = await untilNone(() => compare(db, options.sandbox, orders));
  faults.push(...(await untilNone(() => findMissedEvents(db, receiver))));
  await last.stop();
  const events = Number((await db('events').count('* as n'))[0]?.['n']);
  await db.destroy();
  await receiver.close();
  const { received } = receiver;
  return {
    kills: options.kills,
    events,
    received: received.length,
    acknowledged: countAcknowledged(orders),
    faults,
  };
}

async function prepareMerchant(db: ServiceDeps['db'], encryptionKey: Buffer, webhookUrl: string) {
  const deps = {
    db,
    clock: systemClock,
    crypt: createCrypt(encryptionKey),
    webhookSender: scriptedSender() as WebhookSender,
  } as ServiceDeps;
  const configs = [
    { provider: 'PAYPAY' as const, isActive: true, credentials: { merchant_id: 'paypay_crash' } },
  ];
  await syncMerchants(deps, [{ id: MERCHANT_ID, name: 'Crash', stores: [{ id: 's', name: 'S', configs }] }]);
  await createWebhookEndpoint(deps, BY_TEST, {
    merchantId: MERCHANT_ID,
    url: webhookUrl,
    description: undefined,
    eventTypes: undefined,
    merchantStoreIds: undefined,
    ordering: 'none',
    signature: 'hmac',
    maxPerSecond: undefined,
    idempotencyId: undefined,
  });
  const { key, secretKey } = await createApiKey(deps, BY_TEST, MERCHANT_ID);
  return { apiKey: key.apiKey, secretKey };
}

async function killAgainAndAgain(
  options: CrashOptions,
  encryptionKey: Buffer,
  progress: Progress,
): Promise<Program> {
  for (let kills = 0; kills < options.kills; kills += 1) {
    const gateway = await startGateway(options, encryptionKey);
    const { least, most } = LIFE_ANSWERS;
    await progress.more(least + Math.floor(options.random() * (most - least)));
    await gateway.stop('SIGKILL');
  }
  return startGateway(options, encryptionKey);
}

async function startGateway(
  { databaseUrl, sandbox, port }: CrashOptions,
  encryptionKey: Buffer,
): Promise<Program> {
  const gateway = startProgram(['start'], {
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEY: encryptionKey.toString('base64'),
    PORT: String(port),
    PAYPAY_BASE_URL: sandbox.url,
    PAYPAY_API_KEY: PAYPAY.apiKey,
    PAYPAY_API_SECRET: PAYPAY.apiSecret,
    PAYPAY_WEBHOOK_SECRET: PAYPAY.webhookSecret,
    RATE_LIMIT_GLOBAL_PER_MINUTE: '0',
    RATE_LIMIT_MERCHANT_PER_MINUTE: '0',
    LOG_LEVEL: 'fatal',
  });
  await waitForHealth(gateway, port);
  return gateway;
}

function createProgress(): Progress {
  let answers = 0;
  const waiting: { readonly until: number; readonly resolve: () => void }[] = [];
  return {
    count() {
      answers += 1;
      for (const { until, resolve } of waiting) {
        if (answers >= until) {
          resolve();
        }
      }
    },
    more: (count) => new Promise((resolve) => waiting.push({ until: answers + count, resolve })),
  };
}

type Send = (path: string, body: unknown, key: string, isSigned: boolean) => Promise<Answer | undefined>;

function createSender(
  port: number,
  credentials: { apiKey: string; secretKey: string },
  progress: Progress,
): Send {
  return async (path, body, key, isSigned) => {
    const text = JSON.stringify(body);
    const authorization = authorizationHeader(credentials, { method: 'POST', path, body: text }, new Date());
    const headers = {
      'Content-Type': 'application/json',
      'Idempotency-Key': key,
      ...(isSigned && { Authorization: authorization }),
    };
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers,
        body: text,
      });
      const answer = { status: response.status, body: await response.json() };
      progress.count();
      return answer;
    } catch {
      return undefined;
    }
  };
}

/** Repeats a request until its response is final: 2xx, or a refusal by the domain. */
async function insist(
  send: Send,
  path: string,
  body: unknown,
  key: string,
  isSigned: boolean,
): Promise<Answer> {
  for (;;) {
    const answer = await send(path, body, key, isSigned);
    if (answer && (answer.status < 300 || answer.status === 400)) {
      return answer;
    }
    await systemClock.sleep(RETRY_MS);
  }
}

async function runClient(
  name: string,
  send: Send,
  { sandbox, random }: CrashOptions,
  stopping: { isStopping: boolean },
): Promise<Order[]> {
  const orders: Order[] = [];
  while (!stopping.isStopping) {
    const order: Order = { ref: `${name}-${orders.length}`, refunds: [] };
    orders.push(order);
    await placeOrder(order, send);
    const choice = random();
    if (choice < 0.8) {
      await confirmOrder(order, send, sandbox, random);
    }
    if (choice < 0.15) {
      await endOrder(order, send, 'cancel');
    } else if (choice > 0.7) {
      await endOrder(order, send, 'capture');
    }
    if (order.end === 'captured' || (order.isPaid && order.end === undefined)) {
      await refundOrder(order, send, random);
    }
  }
  return orders;
}

async function placeOrder(order: Order, send: Send): Promise<void> {
  const body = {
    amount: AMOUNT,
    currency: 'JPY',
    payment_method_types: ['qr_mpm', 'cash'],
    merchant_ref_id: order.ref,
  };
  const { body: created } = await insist(send, '/v1/payment_intents', body, `create-${order.ref}`, true);
  order.id = created.id;
  order.token = created.payment_token;
}

async function confirmOrder(order: Order, send: Send, sandbox: Sandbox, random: () => number): Promise<void> {
  const body = { payment_token: order.token, payment_method_type: 'qr_mpm', provider: 'PAYPAY' };
  const answer = await insist(
    send,
    `/v1/payment_intents/${order.id}/confirm`,
    body,
    `confirm-${order.ref}`,
    false,
  );
  if (answer.status !== 200) {
    return;
  }
  order.isConfirmed = true;
  if (random() > 0.7) {
    return;
  }
  const { isAccepted } = await sandbox.pay({ qrContent: answer.body.qr_content });
  order.isPaid = isAccepted;
}

async function endOrder(order: Order, send: Send, input: 'cancel' | 'capture'): Promise<void> {
  const { status } = await insist(
    send,
    `/v1/payment_intents/${order.id}/${input}`,
    {},
    `${input}-${order.ref}`,
    true,
  );
  order.end = status !== 200 ? 'refused' : input === 'cancel' ? 'cancelled' : 'captured';
}

/** Refunds parts of the order, at once or one after another. */
async function refundOrder(order: Order, send: Send, random: () => number): Promise<void> {
  const parts = REFUNDS.slice(0, Math.floor(random() * (REFUNDS.length + 1)));
  if (random() < 0.5) {
    await Promise.all(parts.map((amount, part) => requestRefund(order, send, amount, part)));
    return;
  }
  for (const [part, amount] of parts.entries()) {
    await requestRefund(order, send, amount, part);
  }
}

async function requestRefund(order: Order, send: Send, amount: number, part: number): Promise<void> {
  const body = { payment_intent_id: order.id, amount };
  for (let tries = 0; tries < EARLY_TRIES; tries += 1) {
    const key = `refund-${order.ref}-${part}-${tries}`;
    const { status, body: refund } = await insist(send, '/v1/refunds', body, key, true);
    if (status === 201) {
      order.refunds.push({ id: refund.id, amount });
      return;
    }
    if (refund.details?.constraint !== 'unexpected_state') {
      return;
    }
    await systemClock.sleep(RETRY_MS);
  }
}

/** The refunds that killed processes had claimed are due at once, as they would be three minutes later. */
async function passClaims(db: ServiceDeps['db']): Promise<void> {
  await db('refunds').where({ status: 'pending' }).update({ next_try_at: systemClock.now() });
}

/** Waits until there are no faults, or returns those that remain. */
async function untilNone(find: () => Promise<string[]>): Promise<string[]> {
  for (let tries = 1; ; tries += 1) {
    const faults = await find();
    if (faults.length === 0 || tries >= RECONCILE_TRIES) {
      return faults;
    }
    await systemClock.sleep(RETRY_MS);
  }
}

interface Receiver {
  readonly url: string;
  /** Ids of events in the order of arrival. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

/** The merchant's receiver, which keeps what it gets. It refuses some, and sends some responses too late for a killed gateway. */
async function startReceiver(): Promise<Receiver> {
  const received: string[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    response.statusCode = requests % REFUSED_EVERY === 0 ? 500 : 204;
    request.resume().on('end', () => {
      if (response.statusCode === 204) {
        received.push(String(request.headers['webhook-id']));
      }
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Every change that makes an event is in the feed once, and the receiver has every event of the feed. */
async function findMissedEvents(db: ServiceDeps['db'], { received }: Receiver): Promise<string[]> {
  const { rows } = (await db.raw(`
    select change.id as change, event.id as event
    from (select id from payment_events where merchant_event is not null) as change
    full join events as event on event.version = change.id`)) as {
    rows: { change: number | null; event: string | null }[];
  };
  const { rows: gaps } = (await db.raw('select max(position) - count(*) as n from events')) as {
    rows: { n: number }[];
  };
  const ids = new Set(received);
  return [
    ...rows.filter(({ event }) => event === null).map(({ change }) => `change ${change} is not in the feed`),
    ...rows
      .filter(({ change }) => change === null)
      .map(({ event }) => `${event} is in the feed without a change`),
    ...rows.flatMap(({ event }) => (event === null || ids.has(event) ? [] : [`${event} was not received`])),
    ...(gaps[0]?.n ? [`the feed has ${gaps[0].n} gaps`] : []),
  ];
}

async function compare(db: ServiceDeps['db'], sandbox: Sandbox, orders: Order[]): Promise<string[]> {
  const intents: {
    id: string;
    status: string;
    merchant_ref_id: string;
    payment_method_type: string | null;
    amount_refunded: number;
  }[] = await db('payment_intents').select(
    'id',
    'status',
    'merchant_ref_id',
    'payment_method_type',
    'amount_refunded',
  );
  const attempts: { id: string; intent_id: string }[] = await db('payment_attempts').select(
    'id',
    'intent_id',
  );
  const byId = new Map(intents.map((intent) => [intent.id, intent]));
  const intentOfAttempt = new Map(attempts.map(({ id, intent_id }) => [id, intent_id]));
  const faults: string[] = [];
  if (new Set(intents.map(({ merchant_ref_id: ref }) => ref)).size !== intents.length) {
    faults.push('an order has two intents');
  }
  const kept = new Map<string, number>();
  for (const { merchantPaymentId, moneyTaken, moneyReturned } of sandbox.ledger()) {
    if (moneyTaken === moneyReturned) {
      continue;
    }
    const intentId = intentOfAttempt.get(merchantPaymentId);
    if (intentId === undefined) {
      faults.push(`PayPay holds money for ${merchantPaymentId}, which we do not know`);
    } else {
      kept.set(intentId, (kept.get(intentId) ?? 0) + moneyTaken - moneyReturned);
    }
  }
  for (const [id, amount] of kept) {
    const intent = byId.get(id);
    const expected = AMOUNT - Number(intent?.amount_refunded ?? 0);
    if (intent?.status !== 'succeeded' || intent.payment_method_type !== 'qr_mpm' || amount !== expected) {
      faults.push(
        `PayPay holds ${amount} for ${id}, which is ${intent?.status} by ${intent?.payment_method_type}, less ${intent?.amount_refunded}`,
      );
    }
  }
  for (const intent of intents) {
    const isKept = Number(intent.amount_refunded) < AMOUNT;
    if (intent.payment_method_type === 'qr_mpm' && isKept && !kept.has(intent.id)) {
      faults.push(`${intent.id} succeeded without PayPay's money`);
    }
  }
  for (const order of orders) {
    faults.push(...checkOrder(order, order.id === undefined ? undefined : byId.get(order.id)));
  }
  return [...faults, ...(await compareRefunds(db, sandbox, orders))];
}

/** Each acknowledged refund was made once, and no other; the sums of the intents say so. */
async function compareRefunds(db: ServiceDeps['db'], sandbox: Sandbox, orders: Order[]): Promise<string[]> {
  const refunds: { id: string; intent_id: string; amount: number; status: string; method: string }[] =
    await db('refunds')
      .whereNot({ origin: 'gateway' })
      .select('id', 'intent_id', 'amount', 'status', 'method');
  const byId = new Map(refunds.map((refund) => [refund.id, refund]));
  const made = sandbox.ledger().flatMap((payment) => payment.refunds);
  const acknowledged = orders.flatMap((order) => order.refunds);
  const ids = new Set(acknowledged.map(({ id }) => id));
  const { rows: wrongSums } = (await db.raw(`
    select id from payment_intents where amount_refunded <> (
      select coalesce(sum(amount), 0) from refunds
      where intent_id = payment_intents.id and status <> 'failed' and origin <> 'gateway')`)) as {
    rows: { id: string }[];
  };
  return [
    ...(ids.size === acknowledged.length ? [] : ['two requests got the same refund']),
    ...refunds.filter(({ status }) => status !== 'succeeded').map(({ id, status }) => `${id} is ${status}`),
    ...acknowledged
      .filter(({ id, amount }) => Number(byId.get(id)?.amount) !== amount)
      .map(({ id }) => `${id} was acknowledged and is gone`),
    ...refunds.filter(({ id }) => !ids.has(id)).map(({ id }) => `${id} was made and not acknowledged`),
    ...refunds
      .filter(({ method }) => method === 'provider')
      .filter(({ id }) => made.filter((other) => other.merchantRefundId === id).length !== 1)
      .map(({ id }) => `PayPay has not made ${id} once`),
    ...wrongSums.map(({ id }) => `amount_refunded of ${id} is not the sum of its refunds`),
  ];
}

function checkOrder(
  order: Order,
  intent: { status: string; payment_method_type: string | null } | undefined,
): string[] {
  if (order.id === undefined) {
    return [];
  }
  if (!intent) {
    return [`${order.ref} was acknowledged and is gone`];
  }
  const { status, payment_method_type: method } = intent;
  if (order.end === 'cancelled' && status !== 'cancelled') {
    return [`${order.ref} was cancelled and is ${status}`];
  }
  if (order.end === 'captured' && (status !== 'succeeded' || method !== 'cash')) {
    return [`${order.ref} was captured and is ${status} by ${method}`];
  }
  if (order.isPaid && status !== 'succeeded' && status !== 'cancelled') {
    return [`${order.ref} was paid and is ${status}`];
  }
  return [];
}

function countAcknowledged(orders: Order[]): CrashReport['acknowledged'] {
  const count = (has: (order: Order) => boolean | undefined) => orders.filter(has).length;
  return {
    created: count(({ id }) => id !== undefined),
    confirmed: count(({ isConfirmed }) => isConfirmed),
    cancelled: count(({ end }) => end === 'cancelled'),
    captured: count(({ end }) => end === 'captured'),
    paid: count(({ isPaid }) => isPaid),
    refunds: orders.flatMap(({ refunds }) => refunds).length,
  };
}
