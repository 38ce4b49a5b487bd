/**
 * One handler per security scheme of the contract. A handler answers a Caller, answers undefined when its credential is
 * not there, or throws; openapi-backend collects what is thrown, so `refuse` looks at it again afterwards: an error that
 * is no refusal (a database away) must not look like a wrong credential.
 */
import { DomainError, intentNotFound } from '../domain/errors.ts';
import { authenticatePaymentToken, authenticateSignature, requireScope } from '../services/authenticate.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { requireAuthenticWebhook } from '../services/operations/receive-paypay-webhook.ts';
import type { Caller } from './caller.ts';
import type { OperationId } from './openapi/contract.ts';
import { type RoutedRequest, rawWebhookOf } from './routed-request.ts';
import type { AppContext } from './state.ts';

export type SecurityHandler = (
  deps: ServiceDeps,
  request: RoutedRequest,
  ctx: AppContext,
) => Promise<Caller | undefined>;

/** Operations of the upstream system; all others are merchants'. */
const SYNC_OPERATIONS: ReadonlySet<OperationId> = new Set(['syncMerchants']);

export const securityHandlers: Readonly<Record<'hmac' | 'paymentToken' | 'payPayWebhook', SecurityHandler>> =
  {
    async hmac(deps, { operationId }, ctx) {
      const authorization = ctx.request.get('Authorization');
      if (authorization === '') {
        return undefined;
      }
      const { method, url: target } = ctx.req;
      const key = await authenticateSignature(deps, {
        authorization,
        method: method ?? '',
        target: target ?? '',
        body: ctx.state.rawBody,
      });
      requireScope(key, SYNC_OPERATIONS.has(operationId) ? 'sync' : 'payments');
      return { kind: 'api_key', key };
    },

    /** With an Authorization header the signature decides, also when a token is there as well. */
    async paymentToken(deps, { path, paymentToken }, ctx) {
      if (paymentToken === undefined || ctx.request.get('Authorization') !== '') {
        return undefined;
      }
      const intentId = path['id'];
      if (intentId === undefined) {
        throw intentNotFound();
      }
      const payment = await authenticatePaymentToken(deps, intentId, paymentToken);
      return { kind: 'payer', intentId, merchantId: payment.intent.merchantId, payment };
    },

    async payPayWebhook(deps, _request, ctx) {
      requireAuthenticWebhook(deps, 'PAYPAY', rawWebhookOf(ctx));
      return { kind: 'provider' };
    },
  };

/** Picks the error to answer with from what the handlers threw. */
export function refuse(results: readonly unknown[]): never {
  const thrown = results.map(errorOf).filter((error) => error !== undefined);
  const fault = thrown.find((error) => !(error instanceof DomainError));
  if (fault !== undefined) {
    throw fault;
  }
  throw (
    thrown[0] ??
    new DomainError('unauthorized', 'The Authorization header is missing', {
      details: { reason: 'missing_authorization' },
    })
  );
}

function errorOf(result: unknown): unknown {
  return typeof result === 'object' && result !== null && 'error' in result ? result.error : undefined;
}
