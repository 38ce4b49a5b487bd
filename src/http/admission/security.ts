/**
 * One handler per security scheme of the contract. A handler reads only the headers and returns a claim: how large the
 * body may be, and how to prove the caller's identity once the body has been read. It returns undefined when its credential
 * is absent.
 */
import {
  authenticatePaymentToken,
  identifySigner,
  missingAuthorization,
  requireSignature,
} from '../../services/authenticate.ts';
import type { ServiceDeps } from '../../services/deps.ts';
import { authenticateWebhook } from '../../services/operations/receive-paypay-webhook.ts';
import type { Caller } from '../caller.ts';
import { STRANGER_BODY_BYTES } from '../operations.ts';
import { paymentTokenOf, rawWebhookOf } from '../routed-request.ts';
import type { AppContext } from '../state.ts';
import type { BodyAllowance } from './body.ts';

export interface Claim extends BodyAllowance {
  /** Authenticates the caller; called after the body has been read. @throws the refusal when the credential is not valid */
  prove(): Promise<Caller> | Caller;
}

export type SecurityHandler = (
  deps: ServiceDeps,
  ctx: AppContext,
  pathParameters: () => Readonly<Record<string, string>>,
) => Promise<Claim | undefined> | Claim | undefined;

/** For whom the bodies of all requests are counted whose key has expired or may not be used from their address. */
const REFUSED_KEYS = 'refused keys';

export type SecurityScheme = 'hmac' | 'paymentToken' | 'payPayWebhook';

export const securityHandlers: Readonly<Record<SecurityScheme, SecurityHandler>> = {
  async hmac(deps, ctx) {
    const authorization = ctx.request.get('Authorization');
    if (authorization === '') {
      return undefined;
    }
    const { policy, clientAddress } = ctx.state;
    const signer = await identifySigner(deps, authorization, policy.scope, clientAddress);
    const { key, refusal } = signer;
    const { method = '', url: target = '' } = ctx.req;
    return {
      maxBytes: policy.maxBodyBytes,
      // Its holder learns the reason from the signature, so the body is read; but never from the share of those who may use it.
      apiKey: refusal ? REFUSED_KEYS : key.apiKey,
      prove() {
        requireSignature(signer, { method, target, body: ctx.state.rawBody });
        deps.keyUses.used(key);
        return { kind: 'api_key', key };
      },
    };
  },

  /** If there is an Authorization header, only the signature counts, even when a token is present too. */
  paymentToken(deps, ctx, pathParameters) {
    if (ctx.request.get('Authorization') !== '') {
      return undefined;
    }
    return {
      maxBytes: STRANGER_BODY_BYTES,
      async prove() {
        const paymentToken = paymentTokenOf(ctx);
        if (paymentToken === undefined) {
          throw missingAuthorization();
        }
        const { id: intentId = '' } = pathParameters();
        const payment = await authenticatePaymentToken(deps, intentId, paymentToken);
        return { kind: 'payer', intentId, merchantId: payment.intent.merchantId, payment };
      },
    };
  },

  payPayWebhook(deps, ctx) {
    return {
      maxBytes: STRANGER_BODY_BYTES,
      prove: () => ({
        kind: 'provider',
        provider: authenticateWebhook(deps, 'payPayWebhook', rawWebhookOf(ctx)),
      }),
    };
  },
};
