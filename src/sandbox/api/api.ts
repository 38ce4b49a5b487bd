/**
 * The HTTP API of the simulated PayPay: routing, authentication over the raw body, faults, the envelope. The operations
 * themselves are in operations.ts.
 */
import Router, { type RouterContext } from '@koa/router';
import type { Context, Next } from 'koa';
import getRawBody from 'raw-body';
import type { AdjustableClock } from '../core/adjustable-clock.ts';
import { wrapResponse, writeReply } from '../core/envelope.ts';
import type { OperationName } from '../core/operation.ts';
import { DEFAULT_MERCHANT_ID, type SandboxCredential, type SandboxLog } from '../core/options.ts';
import type { ResultName } from '../core/result-codes.ts';
import { type Exchange, getTiming, injectFault } from '../faults/fault-effects.ts';
import type { Fault, Faults, FaultTiming } from '../faults/faults.ts';
import { takeMagicFault } from '../faults/magic-faults.ts';
import type { ApiCall, CallLog } from './calls.ts';
import { type OperationDeps, runOperation } from './operations.ts';
import { authenticate } from './signature.ts';

export interface ApiDeps {
  readonly operations: OperationDeps;
  readonly credentials: Map<string, SandboxCredential>;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly clock: AdjustableClock;
  readonly log: SandboxLog;
  readonly closing: AbortSignal;
}

/** State of one request; authentication sets the merchant and the body. */
export interface ApiState {
  readonly requestId: string;
  merchantId: string;
  body: Buffer;
}

type ApiContext = RouterContext<ApiState>;

const BODY_LIMIT_BYTES = 1_000_000;
const API_PATH = /^\/v[0-9]+\//;

/** Routes of PayPay's SDKs that are not part of the Dynamic QR product. */
const OUT_OF_SCOPE =
  /^\/(v2\/payments|v1\/requestOrder|v1\/qr\/sessions|v1\/subscription|v2\/wallet|v2\/user|v2\/user_authorization|v2\/cashback|v2\/cashback_reversal|v4\/paymentMethods)(\/|$)/;

/** Creates the routes of the API, each behind authentication. */
export function createApiRouter(deps: ApiDeps): Router<ApiState> {
  const router = new Router<ApiState>();
  const serve = (name: OperationName, parameter?: string) => (ctx: ApiContext) =>
    serveOperation(deps, ctx, name, parameter === undefined ? '' : (ctx.params[parameter] ?? ''));

  router.use((ctx, next) => checkCall(deps, ctx, next));
  router.post('/v2/codes', serve('createCode'));
  router.delete('/v2/codes/:codeId', serve('deleteCode', 'codeId'));
  router.get('/v2/codes/payments/:merchantPaymentId', serve('paymentDetails', 'merchantPaymentId'));
  router.delete('/v2/payments/:merchantPaymentId', serve('cancelPayment', 'merchantPaymentId'));
  router.post('/v2/refunds', serve('refund'));
  router.get('/v2/refunds/:merchantRefundId', serve('refundDetails', 'merchantRefundId'));
  return router;
}

/** Handles requests without a route: other products of PayPay are out of scope, anything else is not found. */
export async function replyUnknownRoute(deps: ApiDeps, ctx: Context, next: Next): Promise<void> {
  await next();
  if (ctx.status !== 404 || ctx.body || ctx.respond === false) {
    return;
  }
  const { requestId } = ctx.state as ApiState;
  if (!API_PATH.test(ctx.path)) {
    return refuse(ctx, 'RESOURCE_NOT_FOUND', requestId);
  }
  await checkCall(deps, ctx, async () => {
    // PayPay documents "not found", not "out of scope", for the native payment details of a QR payment.
    const isNativeDetails = ctx.method === 'GET' && /^\/v2\/payments\/[^/]+$/.test(ctx.path);
    const isForbidden = OUT_OF_SCOPE.test(ctx.path) && !isNativeDetails;
    refuse(ctx, isForbidden ? 'OP_OUT_OF_SCOPE' : 'RESOURCE_NOT_FOUND', requestId);
  });
}

async function checkCall(deps: ApiDeps, ctx: Context, next: Next): Promise<void> {
  const state = ctx.state as ApiState;
  ctx.set('Date', deps.clock.now().toUTCString());
  let body: Buffer;
  try {
    body = await getRawBody(ctx.req, { limit: BODY_LIMIT_BYTES });
  } catch {
    return refuse(ctx, 'INVALID_REQUEST_PARAMS', state.requestId);
  }
  const request = {
    authorization: ctx.req.headers.authorization,
    method: ctx.method,
    target: ctx.req.url ?? '',
    contentType: ctx.req.headers['content-type'],
    body,
  };
  const findSecret = (apiKey: string): string | undefined => deps.credentials.get(apiKey)?.apiSecret;
  const result = authenticate(request, findSecret, deps.clock.baseNow().getTime());
  if ('problem' in result) {
    deps.log.warn(
      { requestId: state.requestId, path: ctx.path, problem: result.problem },
      'sandbox rejected an API call',
    );
    return refuse(ctx, 'UNAUTHORIZED', state.requestId);
  }
  state.body = body;
  state.merchantId = readMerchantId(ctx, deps.credentials.get(result.apiKey));
  await next();
}

/** The query takes precedence over the header. An empty header, as PayPay's Python SDK sends, counts as absent. */
function readMerchantId(ctx: Context, credential: SandboxCredential | undefined): string {
  const query = new URLSearchParams(ctx.querystring).get('assumeMerchant');
  return query || ctx.get('x-assume-merchant').trim() || credential?.merchantId || DEFAULT_MERCHANT_ID;
}

async function serveOperation(
  deps: ApiDeps,
  ctx: ApiContext,
  name: OperationName,
  subject: string,
): Promise<void> {
  const { requestId, merchantId, body } = ctx.state;
  const fault = await takeFault(deps, ctx.state, name);
  const call: ApiCall = {
    at: deps.clock.now().toISOString(),
    operation: name,
    merchantId,
    subject,
    requestId,
  };
  if (fault) {
    call.fault = fault.kind;
  }
  deps.calls.append(call);
  const exchange: Exchange = { ctx, requestId, clock: deps.clock, closing: deps.closing };
  const endsExchange = async (when: FaultTiming): Promise<boolean> => {
    await deps.faults.waitIfHeld(name, when);
    return fault !== undefined && getTiming(fault) === when && (await injectFault(fault, exchange));
  };

  if (!(await endsExchange('before'))) {
    const query = new URLSearchParams(ctx.querystring);
    // Read after a delay or hold, because the effect takes place now and not when the call arrived.
    const now = deps.clock.now().getTime();
    const response = await runOperation(name, deps.operations, { merchantId, subject, query, body, now });
    exchange.reply = wrapResponse(response, requestId);
    if (!(await endsExchange('after'))) {
      writeReply(ctx, exchange.reply);
    }
  }
  recordResponse(deps, ctx, call, exchange);
}

/** Returns the fault for this call, if any. Those set by a tester take precedence over magic amounts. */
async function takeFault(
  { faults, operations, clock }: ApiDeps,
  { merchantId, body }: ApiState,
  operation: OperationName,
): Promise<Fault | undefined> {
  const fault = faults.take(operation);
  if (fault || !operations.behaviour.magicAmounts) {
    return fault;
  }
  const call = { operation, merchantId, body, now: clock.now().getTime() };
  return takeMagicFault(call, operations.ledger, operations.save);
}

function recordResponse(deps: ApiDeps, ctx: Context, call: ApiCall, exchange: Exchange): void {
  if (ctx.respond !== false) {
    call.httpStatus = ctx.status;
  }
  if (exchange.reply) {
    call.code = exchange.reply.body.resultInfo.code;
  }
  deps.log.info({ ...call }, 'sandbox handled an API call');
}

function refuse(ctx: Context, result: ResultName, requestId: string): void {
  writeReply(ctx, wrapResponse({ result, data: null }, requestId));
}
