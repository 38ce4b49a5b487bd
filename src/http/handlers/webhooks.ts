/**
 * Tag Webhooks.
 */
import { receiveProviderWebhook } from '../../services/operations/receive-paypay-webhook.ts';
import type { Handlers } from '../openapi/contract.ts';

export const webhookHandlers: Pick<Handlers, 'receivePayPayWebhook'> = {
  async receivePayPayWebhook({ deps, raw }) {
    await receiveProviderWebhook(deps, 'PAYPAY', raw);
    return { status: 200, body: { received: true } };
  },
};
