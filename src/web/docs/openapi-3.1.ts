/**
 * The contract as OpenAPI 3.1, which has a place for what the gateway sends: `webhooks`, one for each type of event. Derived
 * from the contract, which stays 3.0 because more generators understand that.
 */
import { MERCHANT_EVENT_TYPES } from '../../domain/merchant-events.ts';
import type { Contract } from './reference/contract-tree.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = Record<string, Json>;

/** Their content is data, in which `nullable` and the like mean nothing. */
const DATA: ReadonlySet<string> = new Set(['example', 'examples', 'enum', 'default']);

/** @throws when the contract does not describe what a webhook endpoint receives */
export function toOpenApi31(contract: Contract): JsonObject {
  // A deep copy as plain JSON, without the types of the contract's loader.
  const document = JSON.parse(JSON.stringify(contract)) as JsonObject;
  const { paths, components, ...head } = convert(document) as JsonObject;
  return {
    ...head,
    openapi: '3.1.0',
    paths: paths ?? {},
    webhooks: webhooksOf(document),
    components: components ?? {},
  };
}

function convert(part: Json): Json {
  if (Array.isArray(part)) {
    return part.map(convert);
  }
  if (typeof part !== 'object' || part === null) {
    return part;
  }
  const converted = Object.entries(part).map(([name, value]) => [
    name,
    DATA.has(name) ? value : convert(value),
  ]);
  return withoutNullable(Object.fromEntries(converted));
}

/** In 3.1 `null` is a type like any other. */
function withoutNullable({ nullable, ...schema }: JsonObject): JsonObject {
  if (typeof nullable !== 'boolean') {
    return nullable === undefined ? schema : { ...schema, nullable };
  }
  if (!nullable || typeof schema['type'] !== 'string') {
    return schema;
  }
  const values = schema['enum'];
  return {
    ...schema,
    type: [schema['type'], 'null'],
    ...(Array.isArray(values) && { enum: [...values, null] }),
  };
}

function webhooksOf(document: JsonObject): JsonObject {
  const operation = at(document, [
    ...['paths', '/v1/webhook_endpoints', 'post', 'callbacks', 'event'],
    ...['{$request.body#/url}', 'post'],
  ]);
  const webhooks = MERCHANT_EVENT_TYPES.map((type) => [type, { post: webhookOf(operation, type) }]);
  return Object.fromEntries(webhooks);
}

/** Without the callback's examples, which are of other types. */
function webhookOf(operation: JsonObject, type: string): JsonObject {
  const schema = { $ref: '#/components/schemas/Event' };
  return {
    ...(convert(operation) as JsonObject),
    operationId: operationIdOf(type),
    summary: `Receive ${type}`,
    requestBody: { required: true, content: { 'application/json': { schema } } },
  };
}

/** For example `receivePaymentIntentSucceeded`. */
function operationIdOf(type: string): string {
  const words = type.split(/[._]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `receive${words.join('')}`;
}

function at(document: JsonObject, path: readonly string[]): JsonObject {
  return path.reduce((part, name) => {
    const next = part[name];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) {
      throw new Error(`the contract has no ${path.join(' ')}`);
    }
    return next;
  }, document);
}
