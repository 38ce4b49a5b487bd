/**
 * Webhooks from PayPay. PayPay documents no signature, so a webhook is authentic if it carries the gateway's own
 * signature header or comes from a configured address. Its content is only a hint to read the payment.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { sha256Hex } from '../../lib/hash.ts';
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

export function createWebhooks({ secret, allowedIps }: WebhookProof): Webhooks {
  const ranges = allowedIps.map(toRange);
  return {
    securityScheme: 'payPayWebhook',
    isAuthentic: (webhook) =>
      (secret !== undefined && isSigned(webhook, secret)) || isFromRange(webhook.peerAddress, ranges),
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

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The length of the prefix of all IPv4-mapped IPv6 addresses, ::ffff:0:0/96. */
const MAPPED_BITS = 96;

/** A range as peers are compared with it. A range of IPv4-mapped addresses becomes the range of those IPv4 addresses. */
function toRange(entry: string): Range {
  const [address, bits] = entry.includes('/') ? ipaddr.parseCIDR(entry) : singleAddress(entry);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_BITS) {
    return [address.toIPv4Address(), bits - MAPPED_BITS];
  }
  return [address, bits];
}

function singleAddress(entry: string): Range {
  const address = ipaddr.parse(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isFromRange(peerAddress: string | undefined, ranges: readonly Range[]): boolean {
  if (peerAddress === undefined || !ipaddr.isValid(peerAddress)) {
    return false;
  }
  // An IPv4 peer of an IPv6 socket appears as ::ffff:a.b.c.d.
  const peer = ipaddr.process(peerAddress);
  return ranges.some(([address, bits]) => address.kind() === peer.kind() && peer.match(address, bits));
}

/** A transaction webhook has no id of its own: two with the same payment and state are the same message. */
function translate(body: Buffer): WebhookHint {
  const message = parse(body);
  const type = idOf(message?.['notification_type']) ?? 'unreadable';
  const providerPaymentId = idOf(message?.['order_id']);
  const attemptId = idOf(message?.['merchant_order_id']);
  const state = idOf(message?.['state']);
  const hint = {
    type,
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

function idOf(value: unknown): string | undefined {
  const id = stringOf(value);
  return id !== undefined && id.length <= MAX_ID_LENGTH && ID_PATTERN.test(id) ? id : undefined;
}
