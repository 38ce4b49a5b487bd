/**
 * The contract's examples, executed: what a reader copies from the documentation works, and the response has the properties
 * of the documented one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../support/contract.ts';
import { sequenceUntil } from '../support/feed.ts';
import {
  type Credentials,
  startTestGateway,
  type TestGateway,
  type TestMerchant,
} from '../support/gateway.ts';
import { getRefund, newCashIntent, newPaidIntent, requestRefund } from '../support/refunds.ts';
import { scriptedSender } from '../support/scripted-sender.ts';
import { newEndpoint, seedDelivery, seedEvent } from '../support/webhooks.ts';

type Json = Record<string, unknown>;

interface Example {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly body: Json | undefined;
  /** Whether a payment_token in the query is what lets one in. */
  readonly isByQueryToken: boolean;
  /** Query parameters that have an example. */
  readonly query: string;
  /** The documented answers of success, any of whose forms will do. */
  readonly answers: readonly unknown[];
  /** The media type of success. */
  readonly type: string | undefined;
  readonly status: number;
}

/** The part of the contract's structure that is used here. */
interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly {
    readonly in?: string;
    readonly name?: string;
    readonly example?: unknown;
  }[];
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': { readonly examples: Record<string, { readonly value: Json }> };
    };
  };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { readonly examples?: Record<string, { readonly value: unknown }> }> }
  >;
}

const examples: Example[] = Object.entries(contract.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as unknown as Record<string, Operation>).flatMap(([method, operation]) =>
    examplesOf(path, method, operation),
  ),
);

const operations = Object.values(contract.paths ?? {}).flatMap((item) =>
  Object.values(item as unknown as Record<string, Operation>),
);

function examplesOf(path: string, method: string, operation: Operation): Example[] {
  const [status = '200', success] =
    Object.entries(operation.responses).find(([code]) => /^[23]/.test(code)) ?? [];
  const answers = Object.values(success?.content?.['application/json']?.examples ?? {}).map(
    ({ value }) => value,
  );
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && parameter.example !== undefined)
    .map(({ name, example }) => `${name}=${String(example)}`)
    .join('&');
  const bodies = Object.entries(
    operation.requestBody?.content['application/json'].examples ?? { 'no body': { value: undefined } },
  );
  const isOnlyByToken = operation.security.length === 1 && 'paymentToken' in (operation.security[0] ?? {});
  return bodies.map(([name, { value }]) => ({
    operationId: operation.operationId,
    method: method.toUpperCase(),
    path: withExamples(path, operation),
    name,
    isByQueryToken: isOnlyByToken && !operation.requestBody,
    body: value,
    query,
    answers,
    type: Object.keys(success?.content ?? {})[0],
    status: Number(status),
  }));
}

/** What has to happen to an intent before its example works. */
const BEFORE: Readonly<Record<string, (intent: { id: string; token: string }) => Promise<unknown>>> = {
  // The example lists succeeded intents.
  async listPaymentIntents(intent) {
    const confirmed = await gateway.confirm(intent);
    await gateway.sandbox.pay({ qrContent: confirmed.body.qr_content });
    await gateway.sandbox.idle();
    await gateway.runPasses();
  },
  async retrieveLogo() {
    await gateway.database.db('merchant_logos').insert({
      merchant_id: merchant.merchantId,
      url: 'https://shop.example.com/logo.png',
      hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      type: 'image/png',
      content: Buffer.from('picture'),
      fetched_at: new Date(),
    });
  },
  retrieveQrSvg: (intent) => gateway.confirm(intent),
  retrieveQrPng: (intent) => gateway.confirm(intent),
  // The event stream of an ended intent ends.
  streamPaymentIntentEvents: ({ id, token }) =>
    gateway.request('POST', `/v1/payment_intents/${id}/cancel`, { body: { payment_token: token } }),
};

/** The payment that an example of createRefund refunds, by the name of the example. */
const REFUNDED: Readonly<Record<string, () => Promise<{ id: string }>>> = {
  part: () => newPaidIntent(gateway, merchant),
  rest: () => newPaidIntent(gateway, merchant),
  cash: () => newCashIntent(gateway, merchant),
};

/** A refund that has succeeded, with all that the examples show. */
async function newRefund(): Promise<{ id: string; payment_intent_id: string }> {
  const { body } = await requestRefund(gateway, merchant, await newPaidIntent(gateway, merchant), {
    amount: 400,
    reason: 'requested_by_customer',
    description: 'One of two items was returned',
  });
  while ((await getRefund(gateway, merchant, body.id)).body.status !== 'succeeded') {
    await gateway.database
      .db('refunds')
      .where({ id: body.id, status: 'pending' })
      .update({ next_try_at: new Date(0) });
    await gateway.runPasses('refunds');
  }
  return body;
}

/** The id in the path of operations whose object is not an intent. */
const IDS: Readonly<Record<string, () => Promise<string>>> = {
  retrieveRefund: async () => (await newRefund()).id,
  retrieveEvent: async () => (await sequenceUntil(gateway, merchant)).body.data[0].id,
  retrieveWebhookEndpoint: newEndpointId,
  updateWebhookEndpoint: newEndpointId,
  deleteWebhookEndpoint: newEndpointId,
  rotateWebhookSecret: newEndpointId,
  pingWebhookEndpoint: newEndpointId,
  replayWebhookEndpoint: newEndpointId,
  async listWebhookDeliveries() {
    const endpointId = await newEndpointId();
    await newDelivery(endpointId, 'succeeded');
    return endpointId;
  },
  retrieveWebhookDelivery: async () => newDelivery(await newEndpointId(), 'pending'),
  redeliverWebhook: async () => newDelivery(await newEndpointId(), 'failed'),
};

async function newEndpointId(): Promise<string> {
  return (await newEndpoint(gateway, merchant)).id;
}

async function newDelivery(endpointId: string, status: string): Promise<string> {
  const { db } = gateway.deps;
  return seedDelivery(db, endpointId, await seedEvent(db, merchant), { status });
}

/** Path parameters get their example; the id is that of an intent of this test. */
function withExamples(path: string, { parameters = [] }: Operation): string {
  return parameters
    .filter((parameter) => parameter.in === 'path' && parameter.example !== undefined)
    .reduce((filled, { name, example }) => filled.replace(`{${name}}`, String(example)), path);
}

let gateway: TestGateway;
let merchant: TestMerchant;
let upstream: Credentials;

beforeAll(async () => {
  gateway = await startTestGateway({
    webhookSender: scriptedSender(),
    webhookAllowedIps: ['127.0.0.1'],
    sandbox: { refundDelaySeconds: 0 },
  });
  merchant = await gateway.newMerchant();
  upstream = await gateway.newSyncKey();
});
afterAll(() => gateway.close());

/** The example names store_001 and an intent; the list of the test's own has something in it. */
function ownStore(query: string, intentId = ''): string {
  return query
    .replace('merchant_store_id=store_001', `merchant_store_id=${merchant.storeId}`)
    .replace(/payment_intent_id=\w+/, `payment_intent_id=${intentId}`);
}

/** The properties of a response, to compare them with those of an example. */
function formOf(value: unknown): string[] {
  const sample = Array.isArray(value) ? value[0] : value;
  return Object.keys((sample ?? {}) as Json).sort();
}

describe('the examples of the contract', () => {
  it.each(examples.map((example) => [`${example.operationId}, ${example.name}`, example] as const))(
    '%s: works as documented',
    async (_, example) => {
      const { operationId, name, method, path, body, answers, type, status } = example;
      const intent = await gateway.newIntent(merchant, {
        merchant_terminal_id: 'terminal_001',
        description: 'Order #12345',
      });
      await BEFORE[operationId]?.(intent);
      const isByToken = body !== undefined && 'payment_token' in body;
      const refunded = await REFUNDED[operationId === 'createRefund' ? name : '']?.();
      const sent = isByToken
        ? { ...body, payment_token: intent.token }
        : refunded
          ? { ...body, payment_intent_id: refunded.id }
          : body;
      const listed = operationId === 'listRefunds' ? await newRefund() : undefined;
      const query = [
        ownStore(example.query, listed?.payment_intent_id),
        example.isByQueryToken && `payment_token=${intent.token}`,
      ]
        .filter(Boolean)
        .join('&');
      const as =
        isByToken || example.isByQueryToken || path.startsWith('/v1/webhooks')
          ? undefined
          : operationId === 'syncMerchants'
            ? upstream
            : merchant;
      const id = (await IDS[operationId]?.()) ?? intent.id;
      const target = `${path.replace('{id}', id)}${query ? `?${query}` : ''}`;
      const answer = await gateway.request(method, target, {
        ...(as && { as }),
        ...(sent && { body: sent }),
      });
      expect([answer.status, answer.headers.get('Content-Type')?.split(';')[0]]).toEqual([status, type]);
      if (type !== 'application/json') {
        return;
      }
      // An empty list has no properties to compare, so it would prove nothing.
      if (answers.some((known) => Array.isArray(known) && known.length > 0)) {
        expect(answer.body).not.toEqual([]);
      }
      // The second example of create sends fewer fields, so fewer are returned.
      const documented = answers.map(formOf);
      const form = formOf(answer.body);
      expect(
        documented.some((known) => form.every((name) => known.includes(name))),
        `${form} is not among ${JSON.stringify(documented)}`,
      ).toBe(true);
    },
  );

  it('exist for every operation that takes a body', () => {
    expect(new Set(examples.filter(({ body }) => body).map(({ operationId }) => operationId))).toEqual(
      new Set(operations.filter(({ requestBody }) => requestBody).map(({ operationId }) => operationId)),
    );
  });
});
