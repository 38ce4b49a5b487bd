/**
 * openapi-backend: matches a request to its operation, checks who is calling, counts it against the merchant's limit,
 * validates it against the contract, and runs the handler, once when it has an Idempotency-Key. Strict: what the
 * contract does not describe is refused, and an operation without a handler does not compile.
 */
import addFormats from 'ajv-formats';
import { codes as currencyCodes } from 'currency-codes-ts';
import { type Context, type Document, OpenAPIBackend } from 'openapi-backend';
import { DomainError, invalidField } from '../domain/errors.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { type Outgoing, outgoing } from './answer.ts';
import { type Caller, merchantIdOf } from './caller.ts';
import type { Call, Handler, Handlers, OperationId } from './contract.ts';
import { paymentIntentHandlers } from './handlers/payment-intents.ts';
import { paymentPageHandlers } from './handlers/payment-page.ts';
import { sandboxHandlers } from './handlers/sandbox.ts';
import { serviceHandlers } from './handlers/service.ts';
import { syncHandlers } from './handlers/sync.ts';
import { webhookHandlers } from './handlers/webhooks.ts';
import { withIdempotency } from './idempotency.ts';
import { indexOperations } from './operation-index.ts';
import type { RateLimits } from './rate-limits.ts';
import { type ParsedBody, parseBody, paymentTokenOf, rawWebhookOf } from './routed-request.ts';
import { refuse, securityHandlers } from './security.ts';
import type { AppContext, Middleware } from './state.ts';
import { malformedJson, validationError } from './validation.ts';

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
  if (TIME_ZONES.has(name)) return true;
  try {
    return /^[A-Za-z]/.test(name) && Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** The last middleware: every request that the contract describes. */
export async function api(deps: ServiceDeps, limits: RateLimits, contract: Document): Promise<Middleware> {
  const backend = createBackend(deps, limits, contract);
  await backend.init();
  indexOperations(backend);
  return async function apiMiddleware(ctx) {
    requireDecodable(ctx.path);
    const parsed = parseBody(ctx.state.rawBody);
    const { payment_token: _, ...query } = ctx.query as Record<string, string | string[]>;
    const answer: Outgoing = await backend.handleRequest(
      {
        // A HEAD request is a GET whose body nobody wants; Koa leaves it out.
        method: ctx.method === 'HEAD' ? 'GET' : ctx.method,
        path: ctx.path,
        query,
        headers: ctx.headers as Record<string, string | string[]>,
        body: bodyForValidator(parsed),
      },
      ctx,
      parsed,
    );
    ctx.status = answer.status;
    if (answer.type === undefined) ctx.res.setHeader('Content-Type', JSON_TYPE);
    else ctx.type = answer.type;
    if (answer.headers !== undefined) ctx.set({ ...answer.headers });
    ctx.body = answer.body;
  };
}

/** A path whose percent-encoding is broken names nothing; the router would stumble over it. */
function requireDecodable(path: string): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw invalidField('path', 'encoding', 'The path is not valid percent-encoding');
  }
}

function createBackend(deps: ServiceDeps, limits: RateLimits, contract: Document): OpenAPIBackend {
  return new OpenAPIBackend({
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
    validate: (context) => !UNVALIDATED.has(operationIdOf(context)),
    securityHandlers: Object.fromEntries(
      Object.entries(securityHandlers).map(([scheme, authenticate]) => [
        scheme,
        (context: Context, ctx: AppContext, parsed: ParsedBody) =>
          authenticate(deps, routedRequestOf(context, ctx, parsed), ctx),
      ]),
    ),
    handlers: {
      ...Object.fromEntries(Object.keys(handlers).map((id) => [id, operation(deps, id as OperationId)])),
      postRoutingHandler: (context: Context, ctx: AppContext) => {
        if (context.operation?.operationId) ctx.state.operationId = context.operation.operationId;
      },
      postSecurityHandler: (context: Context, ctx: AppContext, parsed: ParsedBody) =>
        afterSecurity(limits, context, ctx, parsed),
      validationFail: (context: Context) => {
        throw validationError(context.validation.errors ?? []);
      },
      notFound: () => {
        throw new DomainError(
          'not_found',
          'There is no such route; see the API reference for those there are',
        );
      },
      methodNotAllowed: (_context: Context, ctx: AppContext) => {
        throw new DomainError('method_not_allowed', `This route does not support ${ctx.method}`);
      },
    },
  });
}

/** Refuses who may not; knows the caller from here on; counts the request; then looks at the form of the body. */
async function afterSecurity(
  limits: RateLimits,
  context: Context,
  ctx: AppContext,
  parsed: ParsedBody,
): Promise<void> {
  const { authorized, ...results } = context.security ?? {};
  const requirements = context.operation.security ?? [];
  if (!authorized && requirements.length > 0) refuse(Object.values(results));
  ctx.state.caller = Object.values(results).find(isCaller) ?? ctx.state.caller;
  const merchantId = merchantIdOf(ctx.state.caller);
  if (merchantId !== undefined) {
    const counting = limits.countMerchant(ctx, merchantId);
    if (counting) await counting;
  }
  if (!UNVALIDATED.has(operationIdOf(context))) requireJson(ctx, parsed);
}

function requireJson(ctx: AppContext, parsed: ParsedBody): void {
  if (parsed.kind === 'none') return;
  const isEncoded = !['', 'identity'].includes(ctx.get('Content-Encoding'));
  if (isEncoded || !ctx.is('application/json')) {
    throw new DomainError(
      'unsupported_media_type',
      'Send the body as application/json, without a Content-Encoding',
      {
        details: { allowed: ['application/json'] },
      },
    );
  }
  if (parsed.kind === 'malformed') throw malformedJson();
}

/** The adapter of one operation: a validated request in, an answer out. */
function operation(deps: ServiceDeps, id: OperationId) {
  return async (context: Context, ctx: AppContext, parsed: ParsedBody): Promise<Outgoing> => {
    const { params: path, query, requestBody: body } = context.request;
    const { caller } = ctx.state;
    return withIdempotency(ctx, deps, id, body, async (innerDeps) => {
      // The validator has just proved that the request has the form the types promise.
      const handler = handlers[id] as Handler<OperationId>;
      // What few operations look at is made when they do.
      const call = {
        path,
        query,
        body,
        caller,
        deps: innerDeps,
        get paymentToken() {
          return paymentTokenOf(ctx.query, parsed);
        },
        get languages() {
          return ctx.acceptsLanguages();
        },
        get raw() {
          return rawWebhookOf(ctx);
        },
      };
      return outgoing(await handler(call as unknown as Call<OperationId>));
    });
  };
}

function routedRequestOf(context: Context, ctx: AppContext, parsed: ParsedBody) {
  return {
    operationId: operationIdOf(context),
    path: context.request.params as Record<string, string | undefined>,
    paymentToken: paymentTokenOf(ctx.query, parsed),
  };
}

function operationIdOf(context: Context): OperationId {
  return context.operation.operationId as OperationId;
}

function isCaller(result: unknown): result is Caller {
  return typeof result === 'object' && result !== null && 'kind' in result;
}

/** The validator takes objects as they are and parses texts; other JSON values go in as text. */
function bodyForValidator(parsed: ParsedBody): unknown {
  if (parsed.kind !== 'json') return undefined;
  return typeof parsed.value === 'object' ? parsed.value : JSON.stringify(parsed.value);
}
