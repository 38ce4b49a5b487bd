/**
 * The way of a request that the contract describes: openapi-backend finds its operation; who is calling is checked; it
 * counts against the merchant's limit; openapi-backend validates it against the contract; the handler runs, once when
 * there is an Idempotency-Key. Strict: what the contract does not describe is refused, and an operation without a
 * handler does not compile. The steps are called from here and not by openapi-backend's own `handleRequest`, whose
 * hooks and promises cost 20 microseconds, more than all of the rest of GET /health.
 */
import addFormats from 'ajv-formats';
import { codes as currencyCodes } from 'currency-codes-ts';
import {
  type Document,
  OpenAPIBackend,
  type OpenAPIRouter,
  type Operation,
  type ParsedRequest,
} from 'openapi-backend';
import { DomainError, invalidField } from '../domain/errors.ts';
import type { RawWebhook } from '../providers/provider.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { type Caller, merchantIdOf } from './caller.ts';
import { paymentIntentHandlers } from './handlers/payment-intents.ts';
import { paymentPageHandlers } from './handlers/payment-page.ts';
import { sandboxHandlers } from './handlers/sandbox.ts';
import { serviceHandlers } from './handlers/service.ts';
import { syncHandlers } from './handlers/sync.ts';
import { webhookHandlers } from './handlers/webhooks.ts';
import { withIdempotency } from './idempotency.ts';
import type { Call, Handler, Handlers, OperationId } from './openapi/contract.ts';
import { indexOperations, type RoutableRequest } from './openapi/operation-index.ts';
import { malformedJson, validationError } from './openapi/validation.ts';
import type { RateLimits } from './rate-limits/limits.ts';
import { type Outgoing, outgoing } from './response.ts';
import { type ParsedBody, parseBody, paymentTokenOf, rawWebhookOf } from './routed-request.ts';
import { refuse, securityHandlers } from './security.ts';
import type { AppContext, Middleware } from './state.ts';

const handlers: Handlers = {
  ...serviceHandlers,
  ...paymentIntentHandlers,
  ...paymentPageHandlers,
  ...syncHandlers,
  ...webhookHandlers,
  ...sandboxHandlers,
};

/** A message from a provider is stored whatever it is; only its sender is checked. */
const UNVALIDATED: ReadonlySet<OperationId> = new Set(['receivePayPayWebhook']);

const JSON_TYPE = 'application/json; charset=utf-8';
const CURRENCIES: ReadonlySet<string> = new Set(currencyCodes());

const TIME_ZONES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'));

/** An IANA name that times can be shown in. */
function isTimeZone(name: string): boolean {
  // A sync may hold a hundred thousand; only other spellings and old names are worth the longer look.
  if (TIME_ZONES.has(name)) {
    return true;
  }
  try {
    return /^[A-Za-z]/.test(name) && Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** One request of one operation, on its way through the steps below. */
interface Routed {
  readonly operation: Operation;
  readonly request: RoutableRequest;
  /** Path, query and body; after validation with defaults, and with numbers for what the URL says in text. */
  parts: ParsedRequest;
  readonly parsed: ParsedBody;
}

/** The last middleware: every request that the contract describes, one step a line. */
export async function api(deps: ServiceDeps, limits: RateLimits, contract: Document): Promise<Middleware> {
  const backend = await openBackend(contract);
  return async function apiMiddleware(ctx) {
    requireDecodable(ctx.request.path);
    const routed = route(backend, ctx);
    const schemes = schemesOf(routed.operation);
    if (schemes.length > 0) {
      await authenticate(deps, schemes, routed, ctx);
    }
    const merchantId = merchantIdOf(ctx.state.caller);
    const counting = merchantId === undefined ? undefined : limits.countMerchant(ctx, merchantId);
    if (counting) {
      await counting;
    }
    if (!UNVALIDATED.has(idOf(routed))) {
      validate(backend, routed, ctx);
    }
    write(ctx, await run(deps, routed, ctx));
  };
}

/** Sets the operation on the state. @throws not_found, method_not_allowed */
function route({ router }: OpenAPIBackend, ctx: AppContext): Routed {
  const parsed = parseBody(ctx.state.rawBody);
  const request: RoutableRequest = {
    // A HEAD request is a GET whose body nobody wants; Koa leaves it out.
    method: ctx.request.method === 'HEAD' ? 'GET' : ctx.request.method,
    path: ctx.request.path,
    query: ctx.request.querystring === '' ? {} : withoutToken(ctx.request.query as Query),
    headers: ctx.request.headers as Record<string, string | string[]>,
    body: bodyForValidator(parsed),
  };
  const operation = findOperation(router, request, ctx.request.method);
  ctx.state.operationId = operation.operationId;
  return { operation, request, parts: router.parseRequest(request, operation), parsed };
}

function findOperation(router: OpenAPIRouter, request: RoutableRequest, method: string): Operation {
  try {
    return router.matchOperation(request, true);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('405')) {
      throw new DomainError('method_not_allowed', `This route does not support ${method}`);
    }
    throw new DomainError('not_found', 'There is no such route; see the API reference for those there are');
  }
}

/** Who is calling, by any of the security schemes that will do; each operation has them one by one, never together. */
async function authenticate(
  deps: ServiceDeps,
  schemes: readonly string[],
  routed: Routed,
  ctx: AppContext,
): Promise<void> {
  const { params: path } = routed.parts;
  const paymentToken = paymentTokenOf(ctx.request.query, routed.parsed);
  const request = { operationId: idOf(routed), path: path as Record<string, string>, paymentToken };
  const results: unknown[] = [];
  for (const scheme of schemes) {
    const handler = securityHandlers[scheme as keyof typeof securityHandlers];
    const result = await handler(deps, request, ctx).catch((error: unknown) => ({ error }));
    if (isCaller(result)) {
      ctx.state.caller = result;
      return;
    }
    results.push(result);
  }
  refuse(results);
}

/** The form of the request. @throws unsupported_media_type, invalid_request */
function validate({ router, validator }: OpenAPIBackend, routed: Routed, ctx: AppContext): void {
  requireJson(ctx, routed.parsed);
  const { errors, coerced } = validator.validateRequest(routed.request, routed.operation);
  if (errors) {
    throw validationError(errors);
  }
  if (coerced) {
    routed.parts = router.parseRequest(coerced, routed.operation);
  }
}

/** The operation itself, once when it has an Idempotency-Key. */
function run(deps: ServiceDeps, routed: Routed, ctx: AppContext): Promise<Outgoing> {
  const id = idOf(routed);
  // The validator has just proved that the request has the form the types promise.
  const handler = handlers[id] as Handler<OperationId>;
  return withIdempotency(ctx, deps, id, routed.parts.requestBody, async (innerDeps) =>
    outgoing(await handler(new RoutedCall(routed, ctx, innerDeps) as unknown as Call<OperationId>)),
  );
}

/** What a handler gets. What few of them look at is made when they do. */
class RoutedCall {
  readonly path: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller;
  readonly deps: ServiceDeps;
  readonly #ctx: AppContext;
  readonly #parsed: ParsedBody;

  constructor({ parts, parsed }: Routed, ctx: AppContext, deps: ServiceDeps) {
    this.path = parts.params;
    this.query = parts.query;
    this.body = parts.requestBody;
    this.caller = ctx.state.caller;
    this.deps = deps;
    this.#ctx = ctx;
    this.#parsed = parsed;
  }

  get paymentToken(): string | undefined {
    return paymentTokenOf(this.#ctx.request.query, this.#parsed);
  }

  get languages(): string[] {
    return this.#ctx.request.acceptsLanguages();
  }

  get raw(): RawWebhook {
    return rawWebhookOf(this.#ctx);
  }
}

function write(ctx: AppContext, answer: Outgoing): void {
  ctx.response.status = answer.status;
  if (answer.type === undefined) {
    ctx.res.setHeader('Content-Type', JSON_TYPE);
  } else {
    ctx.response.type = answer.type;
  }
  if (answer.headers !== undefined) {
    ctx.response.set({ ...answer.headers });
  }
  ctx.response.body = answer.body;
}

/** A path whose percent-encoding is broken names nothing; the router would stumble over it. */
function requireDecodable(path: string): void {
  if (!path.includes('%')) {
    return;
  }
  try {
    decodeURIComponent(path);
  } catch {
    throw invalidField('path', 'encoding', 'The path is not valid percent-encoding');
  }
}

/** The contract, ready to route and to validate by. */
async function openBackend(contract: Document): Promise<OpenAPIBackend> {
  const backend = new OpenAPIBackend({
    definition: contract,
    strict: true,
    coerceTypes: true,
    ignoreTrailingSlashes: false,
    ajvOpts: { allErrors: true, useDefaults: true },
    customizeAjv: (ajv) => {
      addFormats.default(ajv);
      ajv.addFormat('iso-4217', (code: string) => CURRENCIES.has(code));
      ajv.addFormat('time-zone', isTimeZone);
      return ajv;
    },
  });
  await backend.init();
  indexOperations(backend);
  requireSingleSchemes(backend.router.getOperations());
  return backend;
}

/** `authenticate` lets in whoever satisfies one scheme; a contract that asks for two together must not start with it. */
function requireSingleSchemes(operations: readonly Operation[]): void {
  for (const { operationId, security = [] } of operations) {
    for (const requirement of security) {
      const [scheme = '', ...more] = Object.keys(requirement);
      if (more.length > 0 || !Object.hasOwn(securityHandlers, scheme)) {
        throw new Error(`${operationId}: security must name one known scheme at a time`);
      }
    }
  }
}

function requireJson(ctx: AppContext, parsed: ParsedBody): void {
  if (parsed.kind === 'none') {
    return;
  }
  const isEncoded = !['', 'identity'].includes(ctx.request.get('Content-Encoding'));
  if (isEncoded || !ctx.request.is('application/json')) {
    throw new DomainError(
      'unsupported_media_type',
      'Send the body as application/json, without a Content-Encoding',
      {
        details: { allowed: ['application/json'] },
      },
    );
  }
  if (parsed.kind === 'malformed') {
    throw malformedJson();
  }
}

function schemesOf({ security = [] }: Operation): string[] {
  return security.flatMap((requirement) => Object.keys(requirement));
}

type Query = Record<string, string | string[]>;

/** The payment_token is a credential, for `authenticate` alone. */
function withoutToken({ payment_token: _, ...query }: Query): Query {
  return query;
}

function idOf({ operation }: Routed): OperationId {
  return operation.operationId as OperationId;
}

function isCaller(result: unknown): result is Caller {
  return typeof result === 'object' && result !== null && 'kind' in result;
}

/** The validator takes objects as they are and parses texts; other JSON values go in as text. */
function bodyForValidator(parsed: ParsedBody): unknown {
  if (parsed.kind !== 'json') {
    return undefined;
  }
  return typeof parsed.value === 'object' ? parsed.value : JSON.stringify(parsed.value);
}
