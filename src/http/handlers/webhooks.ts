/**
 * Tag Webhooks: messages from providers.
 */
import { receiveProviderWebhook } from '../../services/operations/receive-paypay-webhook.ts';
import { requireProvider } from '../caller.ts';
import type { Handlers } from '../openapi/contract.ts';

export const webhookHandlers = {
  async receivePayPayWebhook({ deps, caller, raw }) {
    await receiveProviderWebhook(deps, requireProvider(caller), raw);
    return { status: 200, body: { received: true } };
  },
} satisfies Partial<Handlers>;
