/**
 * receivePayPayWebhook: a message from a provider is stored in the inbox and acknowledged. It is processed afterwards, by
 * jobs/process-provider-webhooks.ts.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Provider, RawWebhook } from '../../providers/provider.ts';
import { insertWebhook } from '../../store/provider-webhooks.ts';
import type { ServiceDeps } from '../deps.ts';

/** Bodies are stored for the operator. Real ones are below 1 kB, so the rest of a longer one is useless. */
const STORED_BYTES = 16_384;

/**
 * Finds the provider that sent a message.
 * @param securityScheme the scheme of the contract under which the message came in
 * @throws unauthorized when the message carries no valid proof of its sender
 */
export function authenticateWebhook(
  deps: ServiceDeps,
  securityScheme: string,
  webhook: RawWebhook,
): Provider {
  const provider = deps.providers.findForWebhook(securityScheme);
  if (provider?.webhooks?.isAuthentic(webhook)) {
    return provider;
  }
  throw new DomainError('unauthorized', 'The webhook carries no valid proof of its sender', {
    details: {
      reason: provider?.webhooks?.hasSignature(webhook) ? 'signature_mismatch' : 'missing_authorization',
    },
  });
}

/** Stores an authentic message and wakes the inbox worker. */
export async function receiveProviderWebhook(
  deps: ServiceDeps,
  provider: Provider,
  { body, peerAddress }: RawWebhook,
): Promise<void> {
  const hint = provider.webhooks?.translate(body);
  if (!hint) {
    throw new Error(`provider ${provider.name} has no webhooks`);
  }
  const { isFirst } = await insertWebhook(
    deps.db,
    {
      provider: provider.name,
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
