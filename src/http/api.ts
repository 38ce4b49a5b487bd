/**
 * The pipeline of a request that the contract describes: it is admitted (see admission/); openapi-backend validates it
 * against the contract; the handler runs, idempotently if there is an Idempotency-Key. Requests that the contract does not
 * describe are refused, and an operation without a handler does not compile.
 *
 * The steps are called from here and not by openapi-backend's own `handleRequest`, whose hooks and promises cost
 * 20 microseconds, more than everything else in GET /health.
 */
import { Readable } from 'node:stream';
import type { OpenAPIBackend, Operation, ParsedRequest } from 'openapi-backend';
import { DomainError } from '../domain/errors.ts';
import type { RawWebhook } from '../providers/provider.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { createAdmission } from './admission/admit.ts';
import { keepToStores } from './admission/store-rules.ts';
import type { Caller, RequestSource } from './caller.ts';
import { eventHandlers } from './handlers/events.ts';
import { paymentIntentHandlers } from './handlers/payment-intents.ts';
import { paymentPageHandlers } from './handlers/payment-page.ts';
import { refundHandlers } from './handlers/refunds.ts';
import { reportHandlers } from './handlers/reports.ts';
import { sandboxHandlers } from './handlers/sandbox.ts';
import { serviceHandlers } from './handlers/service.ts';
import { syncHandlers } from './handlers/sync.ts';
import { webhookEndpointHandlers } from './handlers/webhook-endpoints.ts';
import { webhookHandlers } from './handlers/webhooks.ts';
import { type RequestContext, runOperation } from './idempotency.ts';
import type { Call, Handler, Handlers, OperationId } from './openapi/contract.ts';
import { dropNullFields } from './openapi/null-fields.ts';
import type { RoutableRequest } from './openapi/operation-index.ts';
import { brokenUtf8, malformedJson, validationError } from './openapi/validation.ts';
import type { ParsedBody } from './parsed-body.ts';
import type { RateLimits } from './rate-limits/limits.ts';
import { closeWithConnection, type Outgoing, outgoing, setJsonHeaders } from './response.ts';
import { paymentTokenOf, rawWebhookOf } from './routed-request.ts';
import type { AppContext, Middleware } from './state.ts';

const handlers: Handlers = {
  ...serviceHandlers,
  ...paymentIntentHandlers,
  ...eventHandlers,
  ...paymentPageHandlers,
  ...syncHandlers,
  ...webhookHandlers,
  ...webhookEndpointHandlers,
  ...refundHandlers,
  ...reportHandlers,
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
  const admit = createAdmission(deps, limits, backend);
  return async function apiMiddleware(ctx) {
    try {
      const admitting = admit(ctx);
      const operation = admitting instanceof Promise ? await admitting : admitting;
      const routed = takeApart(backend, operation, ctx);
      if (ctx.state.policy.validation === 'contract') {
        validate(backend, routed, ctx);
      }
      const keeping = keepToStores(deps, ctx.state.caller, ctx.state.policy.stores, routed.parts);
      if (keeping !== undefined) {
        await keeping;
      }
      write(ctx, await run(deps, routed, ctx));
    } finally {
      ctx.state.dropBody();
    }
  };
}

function takeApart({ router }: OpenAPIBackend, operation: Operation, ctx: AppContext): Routed {
  const parsed = withoutNulls(ctx.state.parsedBody, operation);
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

  constructor({ parts }: Routed, ctx: AppContext, context: RequestContext) {
    this.path = parts.params;
    this.query = parts.query;
    this.body = parts.requestBody;
    this.caller = ctx.state.caller;
    this.deps = context.deps;
    this.idempotencyId = context.idempotencyId;
    this.#ctx = ctx;
  }

  get paymentToken(): string | undefined {
    return paymentTokenOf(this.#ctx);
  }

  get languages(): string[] {
    return this.#ctx.request.acceptsLanguages();
  }

  get wantsStream(): boolean {
    return this.#ctx.request.accepts('application/json', 'text/event-stream') === 'text/event-stream';
  }

  get lastEventId(): string | undefined {
    return this.#ctx.request.get('Last-Event-ID') || undefined;
  }

  get source(): RequestSource {
    return { requestId: this.#ctx.state.requestId, clientAddress: this.#ctx.state.clientAddress };
  }

  get logCount(): (name: 'merchants', count: number) => void {
    return (name, count) => {
      this.#ctx.state.counts = { ...this.#ctx.state.counts, [name]: count };
    };
  }

  get raw(): RawWebhook {
    return rawWebhookOf(this.#ctx);
  }
}

function write(ctx: AppContext, response: Outgoing): void {
  ctx.response.status = response.status;
  if (response.body === '') {
    ctx.response.body = null;
    return;
  }
  if (response.type === undefined) {
    setJsonHeaders(ctx.res);
  } else {
    ctx.response.type = response.type;
    ctx.res.setHeader('X-Content-Type-Options', 'nosniff');
  }
  if (response.headers !== undefined) {
    ctx.response.set({ ...response.headers });
  }
  const { body } = response;
  if (body instanceof Readable) {
    closeWithConnection(body, ctx.req.socket);
  }
  ctx.response.body = body;
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

type Query = Record<string, string | string[]>;

/** The payment_token is a credential; only admission reads it. */
function withoutToken({ payment_token: _, ...query }: Query): Query {
  return query;
}

/** Some generated clients send `null` for an optional body or field that is absent. */
function withoutNulls(parsed: ParsedBody, operation: Operation): ParsedBody {
  const { requestBody } = operation;
  const isOptional = requestBody !== undefined && !('required' in requestBody && requestBody.required);
  if (parsed.kind !== 'json') {
    return parsed;
  }
  if (parsed.value === null && isOptional) {
    return { kind: 'none' };
  }
  dropNullFields(parsed.value, operation);
  return parsed;
}

/** The validator takes objects as they are and parses texts, so other JSON values are given to it as text. */
function bodyForValidator(parsed: ParsedBody): unknown {
  if (parsed.kind !== 'json') {
    return undefined;
  }
  return typeof parsed.value === 'object' ? parsed.value : JSON.stringify(parsed.value);
}
