/**
 * One handler per security scheme of the contract. A handler returns the caller, returns undefined when its credential is
 * absent, or throws. `refuse` then picks the error to answer with: an error that is not a refusal (the database is
 * unavailable) must not look like a wrong credential.
 */
import { DomainError, intentNotFound } from '../domain/errors.ts';
import { authenticatePaymentToken, authenticateSignature, requireScope } from '../services/authenticate.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { authenticateWebhook } from '../services/operations/receive-paypay-webhook.ts';
import type { Caller } from './caller.ts';
import { type RoutedRequest, rawWebhookOf } from './routed-request.ts';
import type { AppContext } from './state.ts';

export type SecurityHandler = (
  deps: ServiceDeps,
  request: RoutedRequest,
  ctx: AppContext,
) => Promise<Caller | undefined>;

export type SecurityScheme = 'hmac' | 'paymentToken' | 'payPayWebhook';

export const securityHandlers: Readonly<Record<SecurityScheme, SecurityHandler>> = {
  async hmac(deps, _request, ctx) {
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
    requireScope(key, ctx.state.policy.scope);
    return { kind: 'api_key', key };
  },

  /** With an Authorization header the signature decides, even when a token is present as well. */
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
    return { kind: 'provider', provider: authenticateWebhook(deps, 'payPayWebhook', rawWebhookOf(ctx)) };
  },
};

/** Throws the error to answer with: a fault before a refusal, and the first refusal before the general one. */
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
