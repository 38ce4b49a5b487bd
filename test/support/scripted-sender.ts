/**
 * A sender of webhooks without a network: records what was sent and responds as the test wants.
 */
import type {
  OutgoingWebhook,
  SendResult,
  UrlFault,
  WebhookSender,
} from '../../src/webhook-sender/sender.ts';

export interface ScriptedSender extends WebhookSender {
  /** Everything sent, in order, also while its response is awaited. */
  readonly sent: OutgoingWebhook[];
  /** Decides each response; initially 204 at once. May wait, to have a receiver hang. */
  respond: (webhook: OutgoingWebhook) => SendResult | Promise<SendResult>;
  /** Decides the check of a URL; initially no fault. */
  urlFault: (url: string) => UrlFault | undefined;
}

/** A response with this status and an empty body. */
export function responded(status: number, retryAfterSeconds?: number): SendResult {
  return { kind: 'response', status, retryAfterSeconds, excerpt: '', durationMs: 1 };
}

export function scriptedSender(): ScriptedSender {
  const sender: ScriptedSender = {
    sent: [],
    respond: () => responded(204),
    urlFault: () => undefined,
    async send(webhook) {
      sender.sent.push(webhook);
      return await sender.respond(webhook);
    },
    findUrlFault: async (url) => sender.urlFault(url),
    close: async () => undefined,
  };
  return sender;
}
