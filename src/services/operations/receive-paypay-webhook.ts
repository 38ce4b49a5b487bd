/**
 * receivePayPayWebhook: a message from a provider is put into the inbox and answered; looking into it comes after.
 */
import { DomainError } from '../../domain/errors.ts';
import type { RawWebhook } from '../../providers/provider.ts';
import { insertWebhook } from '../../store/provider-webhooks.ts';
import type { ServiceDeps } from '../deps.ts';

/** Bodies are kept for the operator; real ones are below 1 kB, so what is beyond this tells nothing. */
const STORED_BYTES = 16_384;

/**
 * Whether a message proves to be from that provider.
 * @throws unauthorized when it does not
 */
export function requireAuthenticWebhook(deps: ServiceDeps, providerName: string, webhook: RawWebhook): void {
  const webhooks = deps.findProvider(providerName)?.webhooks;
  if (webhooks?.isAuthentic(webhook)) {
    return;
  }
  deps.log.warn(
    {
      provider: providerName,
      peerAddress: webhook.peerAddress,
      forwardedFor: webhook.headers['x-forwarded-for'],
    },
    'a webhook without proof of its sender was refused',
  );
  throw new DomainError('unauthorized', 'The webhook carries no valid proof of its sender', {
    details: {
      reason: webhook.headers['x-paypay-signature'] ? 'signature_mismatch' : 'missing_authorization',
    },
  });
}

/** Stores an authentic message and wakes the inbox worker. */
export async function receiveProviderWebhook(
  deps: ServiceDeps,
  providerName: string,
  { body, peerAddress }: RawWebhook,
): Promise<void> {
  const hint = deps.findProvider(providerName)?.webhooks?.translate(body);
  if (!hint) {
    throw new Error(`provider ${providerName} has no webhooks`);
  }
  const { isFirst } = await insertWebhook(
    deps.db,
    {
      provider: providerName,
      dedupeKey: hint.dedupeKey,
      type: hint.type,
      attemptId: hint.attemptId,
      providerPaymentId: hint.providerPaymentId,
      body: body.subarray(0, STORED_BYTES),
      peerAddress,
    },
    deps.clock.now(),
  );
  if (isFirst) {
    deps.wake('webhooks');
  }
}
