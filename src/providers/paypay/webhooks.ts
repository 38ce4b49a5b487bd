/**
 * Webhooks from PayPay. PayPay documents no signature, so a webhook is authentic if it carries the gateway's own
 * signature header or comes from a configured address. Its content is only a hint to read the payment.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../../lib/hash.ts';
import { createAddressMatcher } from '../../lib/net/address-ranges.ts';
import type { RawWebhook, WebhookHint, Webhooks } from '../provider.ts';
import { objectOf, stringOf } from './transport.ts';

export interface WebhookProof {
  readonly secret: string | undefined;
  /** IP addresses and CIDR ranges. */
  readonly allowedIps: readonly string[];
}

const SIGNATURE_HEADER = 'x-paypay-signature';
const HEX_SHA256 = /^[0-9a-fA-F]{64}$/;
/** The longest id that PayPay or the gateway uses. */
const MAX_ID_LENGTH = 64;
/** Printable ASCII without spaces; anything else is not an id. */
const ID_PATTERN = /^[\x21-\x7e]+$/;
/** The only state that means that money was taken. */
const PAID_STATE = 'COMPLETED';
const CURRENCY = 'JPY';

export function createWebhooks({ secret, allowedIps }: WebhookProof): Webhooks {
  const isAllowed = createAddressMatcher(allowedIps);
  return {
    securityScheme: 'payPayWebhook',
    isAuthentic: (webhook) =>
      (secret !== undefined && isSigned(webhook, secret)) || isAllowed(webhook.peerAddress),
    hasSignature: ({ headers }) => Boolean(headers[SIGNATURE_HEADER]),
    translate,
  };
}

function isSigned({ headers, body }: RawWebhook, secret: string): boolean {
  const signature = headers[SIGNATURE_HEADER];
  if (typeof signature !== 'string' || !HEX_SHA256.test(signature)) {
    return false;
  }
  const expected = createHmac('sha256', secret).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}

/** A transaction webhook has no id of its own: two with the same payment and state are the same message. */
function translate(body: Buffer): WebhookHint {
  const message = parse(body);
  const type = idOf(message?.['notification_type']) ?? 'unreadable';
  const providerPaymentId = idOf(message?.['order_id']);
  const attemptId = idOf(message?.['merchant_order_id']);
  const state = idOf(message?.['state']);
  const merchantId = idOf(message?.['merchant_id']);
  const paid = state === PAID_STATE ? amountOf(message?.['order_amount']) : undefined;
  const hint = {
    type,
    ...(merchantId !== undefined && { account: { merchantId } }),
    ...(paid !== undefined && { paid: { amount: paid, currency: CURRENCY } }),
    ...(attemptId !== undefined && { attemptId }),
    ...(providerPaymentId !== undefined && { providerPaymentId }),
  };
  if (type === 'Transaction' && (providerPaymentId ?? attemptId) !== undefined && state !== undefined) {
    const parts = [providerPaymentId, attemptId, state, idOf(message?.['reauth_request_id'])];
    return { ...hint, dedupeKey: sha256Hex(JSON.stringify(['Transaction', ...parts])) };
  }
  const notificationId = idOf(message?.['notification_id']);
  return {
    ...hint,
    dedupeKey: sha256Hex(notificationId === undefined ? body : JSON.stringify([type, notificationId])),
  };
}

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** PayPay sends amounts as text. */
function amountOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : stringOf(value);
  return text !== undefined && /^\d{1,11}$/.test(text) ? Number(text) : undefined;
}

function idOf(value: unknown): string | undefined {
  const id = stringOf(value);
  return id !== undefined && id.length <= MAX_ID_LENGTH && ID_PATTERN.test(id) ? id : undefined;
}
