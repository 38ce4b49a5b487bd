/**
 * The pipeline of a request that the contract describes: the caller is authenticated; the request counts against the
 * merchant's limit; openapi-backend validates it by the contract; the handler runs, idempotently when there is an
 * Idempotency-Key. What the contract does not describe is refused, and an operation without a handler does not compile.
 * The steps are called from here and not by openapi-backend's own `handleRequest`, whose hooks and promises cost
 * 20 microseconds, more than everything else in GET /health.
 */
import type { OpenAPIBackend, Operation, ParsedRequest } from 'openapi-backend';
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
import { type RequestContext, runOperation } from './idempotency.ts';
import type { Call, Handler, Handlers, OperationId } from './openapi/contract.ts';
import type { RoutableRequest } from './openapi/operation-index.ts';
import { brokenUtf8, malformedJson, validationError } from './openapi/validation.ts';
import type { RateLimits } from './rate-limits/limits.ts';
import { type Outgoing, outgoing, setJsonHeaders } from './response.ts';
import { type ParsedBody, parseBody, paymentTokenOf, rawWebhookOf } from './routed-request.ts';
import { refuse, type SecurityScheme, securityHandlers } from './security.ts';
import type { AppContext, Middleware } from './state.ts';

const handlers: Handlers = {
  ...serviceHandlers,
  ...paymentIntentHandlers,
  ...paymentPageHandlers,
  ...syncHandlers,
  ...webhookHandlers,
  ...sandboxHandlers,
};

/** One request of one operation, on its way through the steps below. */
interface Routed {
  readonly operation: Operation;
  readonly request: RoutableRequest;
  /** Path, query and body. Validation inserts defaults and turns numbers in the URL from text into numbers. */
  parts: ParsedRequest;
  readonly parsed: ParsedBody;
}

/** The last middleware: every request that the contract describes, one step a line. */
export function api(deps: ServiceDeps, limits: RateLimits, backend: OpenAPIBackend): Middleware {
  return async function apiMiddleware(ctx) {
    requireDecodable(ctx.request.path);
    const routed = takeApart(backend, requireOperation(ctx, deps.isSandbox), ctx);
    const schemes = schemesOf(routed.operation);
    if (schemes.length > 0) {
      await authenticate(deps, schemes, routed, ctx);
    }
    const merchantId = merchantIdOf(ctx.state.caller);
    const counting = merchantId === undefined ? undefined : limits.countMerchant(ctx, merchantId);
    if (counting) {
      await counting;
    }
    if (ctx.state.policy.validation === 'contract') {
      validate(backend, routed, ctx);
    }
    write(ctx, await run(deps, routed, ctx));
  };
}

/** @throws not_found, method_not_allowed */
function requireOperation({ state, request, response }: AppContext, isSandbox: boolean): Operation {
  if (state.policy.exists === 'in_sandbox' && !isSandbox) {
    throw new DomainError('not_found', 'This operation exists only in the sandbox');
  }
  if (state.operation) {
    return state.operation;
  }
  if (state.isKnownPath) {
    response.set('Allow', state.methods.join(', '));
    throw new DomainError('method_not_allowed', `This route does not support ${request.method}`);
  }
  throw new DomainError('not_found', 'There is no such route; see the API reference for those there are');
}

function takeApart({ router }: OpenAPIBackend, operation: Operation, ctx: AppContext): Routed {
  const parsed = withoutNull(parseBody(ctx.state.rawBody), operation);
  const request: RoutableRequest = {
    method: operation.method,
    path: ctx.request.path,
    query: ctx.request.querystring === '' ? {} : withoutToken(ctx.request.query as Query),
    headers: ctx.request.headers as Record<string, string | string[]>,
    body: bodyForValidator(parsed),
    bodyBytes: ctx.state.rawBody.length,
  };
  return { operation, request, parts: router.parseRequest(request, operation), parsed };
}

/** Finds the caller by any of the operation's security schemes; an operation never requires two of them together. */
async function authenticate(
  deps: ServiceDeps,
  schemes: readonly SecurityScheme[],
  routed: Routed,
  ctx: AppContext,
): Promise<void> {
  const { params: path } = routed.parts;
  const paymentToken = paymentTokenOf(ctx.request.query, routed.parsed);
  const request = { path: path as Record<string, string>, paymentToken };
  const results: unknown[] = [];
  for (const scheme of schemes) {
    const result = await securityHandlers[scheme](deps, request, ctx).catch((error: unknown) => ({ error }));
    if (isCaller(result)) {
      ctx.state.caller = result;
      return;
    }
    results.push(result);
  }
  refuse(results);
}

/** Checks the form of the request. @throws unsupported_media_type, invalid_request */
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

/** Runs the operation's handler, idempotently when the request has an Idempotency-Key. */
function run(deps: ServiceDeps, routed: Routed, ctx: AppContext): Promise<Outgoing> {
  const id = routed.operation.operationId as OperationId;
  // The validator has just proved that the request has the form that the types promise.
  const handler = handlers[id] as Handler<OperationId>;
  return runOperation(ctx, deps, id, routed.parts.requestBody, async (context) =>
    outgoing(await handler(new RoutedCall(routed, ctx, context) as unknown as Call<OperationId>)),
  );
}

/** The argument of a handler. Rarely used parts are getters, so they cost nothing when unused. */
class RoutedCall {
  readonly path: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller;
  readonly deps: ServiceDeps;
  readonly idempotencyId: string | undefined;
  readonly #ctx: AppContext;
  readonly #parsed: ParsedBody;

  constructor({ parts, parsed }: Routed, ctx: AppContext, context: RequestContext) {
    this.path = parts.params;
    this.query = parts.query;
    this.body = parts.requestBody;
    this.caller = ctx.state.caller;
    this.deps = context.deps;
    this.idempotencyId = context.idempotencyId;
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

function write(ctx: AppContext, response: Outgoing): void {
  ctx.response.status = response.status;
  if (response.type === undefined) {
    setJsonHeaders(ctx.res);
  } else {
    ctx.response.type = response.type;
    ctx.res.setHeader('X-Content-Type-Options', 'nosniff');
  }
  if (response.headers !== undefined) {
    ctx.response.set({ ...response.headers });
  }
  ctx.response.body = response.body;
}

/** Refuses broken percent-encoding, on which the decoding of path parameters would fail. */
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

function requireJson(ctx: AppContext, parsed: ParsedBody): void {
  if (parsed.kind === 'none') {
    return;
  }
  const isEncoded = !['', 'identity'].includes(ctx.request.get('Content-Encoding'));
  if (isEncoded || !ctx.request.is('application/json') || !isUtf8Charset(ctx.request.charset)) {
    throw new DomainError(
      'unsupported_media_type',
      'Send the body as application/json in UTF-8, without a Content-Encoding',
      { details: { allowed: ['application/json'] } },
    );
  }
  if (parsed.kind === 'undecodable') {
    throw brokenUtf8();
  }
  if (parsed.kind === 'malformed') {
    throw malformedJson();
  }
}

/** ASCII is a subset of UTF-8. */
function isUtf8Charset(charset: string): boolean {
  return ['', 'utf-8', 'utf8', 'us-ascii'].includes(charset.toLowerCase());
}

/** The names are those of security.ts: the gateway does not start with a contract that names others. */
function schemesOf({ security = [] }: Operation): SecurityScheme[] {
  return security.flatMap((requirement) => Object.keys(requirement) as SecurityScheme[]);
}

type Query = Record<string, string | string[]>;

/** The payment_token is a credential, which only `authenticate` reads. */
function withoutToken({ payment_token: _, ...query }: Query): Query {
  return query;
}

function isCaller(result: unknown): result is Caller {
  return typeof result === 'object' && result !== null && 'kind' in result;
}

/** Some generated clients send `null` for an optional body that is absent. */
function withoutNull(parsed: ParsedBody, { requestBody }: Operation): ParsedBody {
  const isOptional = requestBody !== undefined && !('required' in requestBody && requestBody.required);
  return isOptional && parsed.kind === 'json' && parsed.value === null ? { kind: 'none' } : parsed;
}

/** The validator takes objects as they are and parses texts, so other JSON values are given to it as text. */
function bodyForValidator(parsed: ParsedBody): unknown {
  if (parsed.kind !== 'json') {
    return undefined;
  }
  return typeof parsed.value === 'object' ? parsed.value : JSON.stringify(parsed.value);
}
