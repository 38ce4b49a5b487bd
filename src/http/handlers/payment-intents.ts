/**
 * Tag PaymentIntents: a handler unpacks, calls one service, presents.
 */
import { parseDateTime } from '../../lib/date-time.ts';
import { presentPaymentIntent } from '../../presenters/payment-intent.ts';
import { cancelPaymentIntent } from '../../services/operations/cancel-payment-intent.ts';
import { capturePaymentIntent } from '../../services/operations/capture-payment-intent.ts';
import { confirmPaymentIntent } from '../../services/operations/confirm-payment-intent.ts';
import { createPaymentIntent } from '../../services/operations/create-payment-intent.ts';
import { listPaymentIntents } from '../../services/operations/list-payment-intents.ts';
import { retrievePaymentIntent } from '../../services/operations/retrieve-payment-intent.ts';
import { retrieveQr } from '../../services/operations/retrieve-qr.ts';
import { streamPaymentIntentEvents } from '../../services/operations/stream-payment-intent-events.ts';
import { actorOf, keyOf, requireMerchantId, storesOf } from '../caller.ts';
import { createEventStream, STREAM_HEADERS } from '../event-stream.ts';
import type { Handlers } from '../openapi/contract.ts';
import {
  presentCancelledPaymentIntent,
  presentCapturedPaymentIntent,
  presentCreatedPaymentIntent,
  presentLiveCode,
} from '../presenters/payment-intent.ts';
import { presentQrPng, presentQrSvg } from '../presenters/qr.ts';

/** Codes and statuses are valid only at this moment and only for this caller. */
const NO_STORE = { 'Cache-Control': 'no-store' };

export const paymentIntentHandlers = {
  async createPaymentIntent({ deps, caller, body }) {
    const { intent, paymentToken, creates } = createPaymentIntent(deps, {
      merchantId: requireMerchantId(caller),
      actor: actorOf(caller),
      amount: body.amount,
      currency: body.currency,
      paymentMethodTypes: body.payment_method_types,
      merchantRefId: body.merchant_ref_id,
      merchantStoreId: body.merchant_store_id,
      merchantTerminalId: body.merchant_terminal_id,
      description: body.description,
      returnUrl: body.return_url,
      expiresInMinutes: body.expires_in_minutes,
    });
    const created = presentCreatedPaymentIntent(intent, paymentToken, deps.publicBaseUrl);
    return { status: 201, body: created, creates };
  },

  async listPaymentIntents({ deps, caller, query }) {
    const intents = await listPaymentIntents(deps, {
      merchantId: requireMerchantId(caller),
      storeIds: storesOf(caller),
      merchantStoreId: query.merchant_store_id,
      merchantRefId: query.merchant_ref_id,
      providerPaymentId: query.provider_payment_id,
      status: query.status,
      createdFrom: momentOf(query.created_from),
      createdTo: momentOf(query.created_to),
      startingAfter: query.starting_after,
      limit: query.limit ?? 20,
      offset: query.offset ?? 0,
    });
    return { status: 200, body: intents.map(presentPaymentIntent) };
  },

  async retrievePaymentIntent({ deps, caller, path }) {
    const intent = await retrievePaymentIntent(deps, {
      merchantId: requireMerchantId(caller),
      intentId: path.id,
      known: caller.kind === 'payer' ? caller.payment : undefined,
    });
    return { status: 200, body: presentPaymentIntent(intent) };
  },

  async confirmPaymentIntent({ deps, caller, path, body }) {
    const code = await confirmPaymentIntent(deps, {
      merchantId: requireMerchantId(caller),
      intentId: path.id,
      actor: actorOf(caller),
      paymentMethodType: body.payment_method_type,
      provider: body.provider,
    });
    return { status: 200, body: presentLiveCode(code, deps.publicBaseUrl) };
  },

  async retrieveQrSvg({ deps, caller, path }) {
    const code = await retrieveQr(deps, { merchantId: requireMerchantId(caller), intentId: path.id });
    const content = await presentQrSvg(code.qrContent);
    return { status: 200, type: 'image/svg+xml', content, headers: NO_STORE };
  },

  async retrieveQrPng({ deps, caller, path, query }) {
    const code = await retrieveQr(deps, { merchantId: requireMerchantId(caller), intentId: path.id });
    const content = presentQrPng(code.qrContent, query.size ?? 512);
    return { status: 200, type: 'image/png', content, headers: NO_STORE };
  },

  async streamPaymentIntentEvents({ deps, caller, path }) {
    const { body, watcher } = createEventStream(deps);
    const input = { merchantId: requireMerchantId(caller), intentId: path.id, key: keyOf(caller) };
    body.once('close', await streamPaymentIntentEvents(deps, input, watcher));
    return { status: 200, type: 'text/event-stream', content: body, headers: STREAM_HEADERS };
  },

  async cancelPaymentIntent({ deps, caller, path }) {
    const merchantId = requireMerchantId(caller);
    const intent = await cancelPaymentIntent(deps, { merchantId, intentId: path.id, actor: actorOf(caller) });
    return { status: 200, body: presentCancelledPaymentIntent(intent) };
  },

  async capturePaymentIntent({ deps, caller, path, body, idempotencyId }) {
    const intent = await capturePaymentIntent(deps, {
      merchantId: requireMerchantId(caller),
      intentId: path.id,
      actor: actorOf(caller),
      amount: body?.amount,
      idempotencyId,
    });
    return { status: 200, body: presentCapturedPaymentIntent(intent) };
  },
} satisfies Partial<Handlers>;

/** Parses a date-time that the validator has accepted. */
function momentOf(dateTime: string | undefined): Date | undefined {
  return dateTime === undefined ? undefined : parseDateTime(dateTime);
}
