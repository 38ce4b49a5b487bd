/**
 * Requests generated from the contract's own schemas: a valid one is never refused for its form, one that breaks a rule
 * always is, every response is declared (the test gateway's `request` validates each against the contract), and none is a
 * 5xx.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../support/contract.ts';
import {
  type Credentials,
  startTestGateway,
  type TestGateway,
  type TestResponse,
} from '../support/gateway.ts';
import { isLongRun } from '../support/long.ts';
import { brokenOf, brokenTextsOf, type Schema, validOf } from '../support/schema-arbitraries.ts';
import { scriptedSender } from '../support/scripted-sender.ts';
import { DELIVERIES, ENDPOINTS, newEndpoint, seedDelivery, seedEvent } from '../support/webhooks.ts';

interface Parameter {
  readonly $ref?: string;
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly security?: readonly Record<string, unknown>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

interface Described {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly query: readonly Parameter[];
  readonly body: Schema | undefined;
  /** An optional body may be `null`. */
  readonly isBodyRequired: boolean;
  /** Whether a payment_token is the only credential. */
  readonly isByToken: boolean;
}

const parameters = (contract.components?.parameters ?? {}) as unknown as Record<string, Parameter>;

const RUNS = isLongRun ? 1_000 : 100;
/** Constraints on the form of a request; all others belong to the domain. */
const FORM = new Set(
  ['required', 'type', 'min_value', 'max_value', 'min_length', 'max_length', 'min_items', 'max_items'].concat(
    ['unique', 'enum', 'pattern', 'format', 'unknown_property', 'json', 'encoding'],
  ),
);
/** Rules of the domain with the same constraint: a method that the intent does not allow, an id twice in one payload. */
const SAID_BY_THE_DOMAIN: Readonly<Record<string, string>> = {
  confirmPaymentIntent: 'enum',
  syncMerchants: 'unique',
  // The number of endpoints, and of keys that sign at once.
  createWebhookEndpoint: 'max_items',
  rotateWebhookSecret: 'max_items',
};
/** Only its sender is checked; any body is stored. */
const UNVALIDATED = 'receivePayPayWebhook';

const described: readonly Described[] = Object.entries(contract.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as unknown as Record<string, Operation>)
    .filter(([, { operationId, responses }]) => operationId !== UNVALIDATED && !isStream(responses))
    .map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path: withExamples(path, operation),
      isByToken: operation.security?.length === 1 && 'paymentToken' in (operation.security[0] ?? {}),
      query: (operation.parameters ?? []).map(dereference).filter(isInQuery),
      body: operation.requestBody?.content['application/json']?.schema,
      isBodyRequired: operation.requestBody?.required === true,
    })),
);

function dereference(parameter: Parameter): Parameter {
  const name = parameter.$ref?.split('/').at(-1);
  if (name === undefined) {
    return parameter;
  }
  return parameters[name] ?? parameter;
}

/** The token is a credential, and authentication comes before validation. */
function isInQuery(parameter: Parameter): boolean {
  // An object allows any name, so there is no rule to break.
  const isForAnyName = 'type' in parameter.schema && parameter.schema.type === 'object';
  return parameter.in === 'query' && parameter.name !== 'payment_token' && !isForAnyName;
}

/** A path parameter of a single operation gets its example; the id is an intent's. */
function withExamples(path: string, { parameters: own = [] }: Operation): string {
  return own
    .filter((parameter) => parameter.in === 'path')
    .reduce((filled, { name, example }) => filled.replace(`{${name}}`, String(example)), path);
}

/** A stream does not end, so there is no response to wait for. */
function isStream(responses: Operation['responses']): boolean {
  return 'text/event-stream' in (responses['200']?.content ?? {});
}

let gateway: TestGateway;
let merchant: Credentials;
let upstream: Credentials;
let ids: string[];
let endpointIds: string[];
let deliveryIds: string[];
/** An endpoint that may be deleted. */
let spareEndpointId: string;
/** A payer's intent and its token. */
let payers: { id: string; token: string };

beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
  const owner = await gateway.newMerchant();
  merchant = owner;
  upstream = await gateway.newSyncKey();
  const own = await Promise.all([
    gateway.newIntent(owner, { payment_method_types: ['cash'] }),
    gateway.newIntent(owner, { payment_method_types: ['qr_mpm', 'cash'] }),
  ]);
  payers = await gateway.newIntent(owner);
  ids = [
    ...own.map(({ id }) => id),
    (await gateway.newIntent(await gateway.newMerchant())).id,
    'x',
    'pi_%20',
  ];
  const endpoint = await newEndpoint(gateway, owner);
  spareEndpointId = (await newEndpoint(gateway, owner)).id;
  const event = await seedEvent(gateway.deps.db, owner);
  deliveryIds = [await seedDelivery(gateway.deps.db, endpoint.id, event), 'x'];
  endpointIds = [endpoint.id, (await newEndpoint(gateway, await gateway.newMerchant())).id, 'we_%20'];
});
afterAll(() => gateway.close());

interface Sent {
  readonly query: Record<string, unknown>;
  readonly body?: unknown;
  readonly id: number;
}

function send({ id, method, path, isByToken }: Described, sent: Sent): Promise<TestResponse> {
  const texts = Object.entries(sent.query).map(([name, value]) => [name, String(value)]);
  const token = isByToken ? { payment_token: payers.token } : {};
  const query = new URLSearchParams({ ...Object.fromEntries(texts), ...token }).toString();
  const own = idsOf(id, path);
  const target = path.replace('{id}', isByToken ? payers.id : (own[sent.id % own.length] ?? ''));
  return gateway.request(method, query === '' ? target : `${target}?${query}`, {
    ...(!isByToken && { as: id === 'syncMerchants' ? upstream : merchant }),
    ...(sent.body !== undefined && { body: sent.body }),
  });
}

/** The ids that requests of an operation name. */
function idsOf(operationId: string, path: string): readonly string[] {
  if (path.startsWith(DELIVERIES)) {
    return deliveryIds;
  }
  if (operationId === 'deleteWebhookEndpoint') {
    return [spareEndpointId, 'x'];
  }
  return path.startsWith(ENDPOINTS) ? endpointIds : ids;
}

function validRequest({ query, body }: Described): fc.Arbitrary<Sent> {
  const parameters = Object.fromEntries(query.map(({ name, schema }) => [name, validOf(schema)]));
  const requiredKeys = query.filter(({ required }) => required).map(({ name }) => name);
  return fc.record({
    id: fc.nat(100),
    query: fc.record(parameters, { requiredKeys, noNullPrototype: true }),
    ...(body && { body: validOf(body) }),
  });
}

/** One parameter is wrong. */
function brokenQueries({ query }: Described): fc.Arbitrary<Sent>[] {
  return query.flatMap(({ name, schema }) =>
    brokenTextsOf(schema).map((values) =>
      fc.record({ id: fc.nat(100), query: values.map(({ value }) => ({ [name]: value })) }),
    ),
  );
}

function brokenBodies({ body, isBodyRequired }: Described): fc.Arbitrary<Sent>[] {
  if (!body) {
    return [];
  }
  const broken = brokenOf(body)
    .map(({ value }) => value)
    .filter((value) => value !== null || isBodyRequired);
  return [fc.record({ id: fc.nat(100), query: fc.constant({}), body: broken })];
}

describe('requests from the schemas', () => {
  it.each(described.map((operation) => [operation.id, operation] as const))(
    '%s: what the contract allows is not refused for its form',
    async (_, operation) => {
      await fc.assert(
        fc.asyncProperty(validRequest(operation), async (sent) => {
          const { status, body } = await send(operation, sent);
          expect(status, JSON.stringify(body)).toBeLessThan(500);
          if (status !== 400) {
            expect([200, 201, 204, 303, 401, 404, 429]).toContain(status);
            // The rate limits are off, but not that of pings.
            expect(status === 429 && operation.id).toBeOneOf([false, 'pingWebhookEndpoint']);
          }
          const { constraint } = body?.details ?? {};
          const isOfForm = FORM.has(constraint) && constraint !== SAID_BY_THE_DOMAIN[operation.id];
          expect(isOfForm, JSON.stringify(body)).toBe(false);
        }),
        { numRuns: RUNS },
      );
    },
    120_000,
  );

  const breakable = described.filter((one) => brokenQueries(one).length + brokenBodies(one).length > 0);
  it.each(breakable.map((operation) => [operation.id, operation] as const))(
    '%s: what breaks one rule of the contract is refused as invalid_request',
    async (_, operation) => {
      const sendings = fc.oneof(...brokenQueries(operation), ...brokenBodies(operation));
      await fc.assert(
        fc.asyncProperty(sendings, async (sent) => {
          const { status, body } = await send(operation, sent);
          expect([status, body?.code], JSON.stringify(body)).toEqual([400, 'invalid_request']);
          expect(FORM).toContain(body.details.constraint);
        }),
        { numRuns: RUNS },
      );
    },
    120_000,
  );
});
