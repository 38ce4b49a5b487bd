/**
 * What the services need of requests to merchants' servers: one signed POST to a URL, the check of such a URL, and an image.
 */

export interface OutgoingWebhook {
  readonly url: string;
  readonly eventId: string;
  /** JSON, sent byte for byte. */
  readonly body: string;
  /** The signing keys, `whsec_…` or `whsk_…`; the request carries a signature of each. */
  readonly keys: readonly string[];
  /** Unix seconds, for the signature. */
  readonly timestamp: number;
}

/** Why there was no HTTP response. */
export type SendProblem =
  | 'address_not_allowed'
  | 'dns_failed'
  | 'connection_refused'
  | 'connection_reset'
  | 'tls_failed'
  | 'timed_out'
  | 'response_invalid';

export type SendResult = { readonly durationMs: number } & (
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly retryAfterSeconds: number | undefined;
      /** At most 512 bytes of the body, as text. */
      readonly excerpt: string;
    }
  /** `message` says in words what is wrong; safe to show to the merchant. */
  | { readonly kind: 'no_response'; readonly problem: SendProblem; readonly message: string }
);

/** Why a URL cannot be an endpoint; `message` says what to do. */
export interface UrlFault {
  readonly constraint: 'https' | 'credentials' | 'fragment' | 'port' | 'public_address' | 'url';
  readonly message: string;
}

export interface WebhookSender {
  /** Never throws. Takes 15 seconds at most and follows no redirect. */
  send(webhook: OutgoingWebhook): Promise<SendResult>;
  /** Checks a URL, resolving its host name if it can be resolved. */
  findUrlFault(url: string): Promise<UrlFault | undefined>;
  close(): Promise<void>;
}

export interface ImageFetcher {
  /** Why an image is never fetched from this URL. Nothing is resolved here. */
  findUrlFault(url: string): UrlFault | undefined;
  /**
   * Never throws. Takes 15 seconds at most and follows no redirect. Of an image of more than `maxBytes` one byte more is returned.
   * A `fault` says in words what is wrong, and is safe to show.
   */
  fetch(url: string, maxBytes: number): Promise<{ readonly content: Buffer } | { readonly fault: string }>;
  close(): Promise<void>;
}
