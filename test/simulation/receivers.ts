/**
 * The merchant's receivers of webhooks, and a sender that reaches them without a network. A receiver refuses, is slow, or
 * is away for a number of requests; after a time-out it may have received the event all the same.
 */
import type { OutgoingWebhook, SendResult, WebhookSender } from '../../src/webhook-sender/sender.ts';
import type { Random } from './random.ts';

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  /** Of the intent, if the event is about one. */
  readonly intentId: string | undefined;
  /** Of the refund, if the event is about one. */
  readonly refundId: string | undefined;
  /** The intent that it, or its refund, belongs to. */
  readonly orderedBy: string | undefined;
  readonly version: number;
}

export interface Receivers {
  readonly sender: WebhookSender;
  /** In the order of arrival, by URL; an event that arrived twice is there twice. */
  readonly received: ReadonlyMap<string, readonly ReceivedEvent[]>;
  /** Makes the next requests to the URL fail. */
  fail(url: string, kind: FailureKind, times: number): void;
  clear(): void;
}

export const FAILURE_KINDS = ['error', 'overloaded', 'redirect', 'refused', 'timed_out', 'gone'] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export function createReceivers(random: Random): Receivers {
  const received = new Map<string, ReceivedEvent[]>();
  const failures = new Map<string, FailureKind[]>();
  const record = ({ url, body }: OutgoingWebhook): void => {
    const ofUrl = received.get(url) ?? [];
    received.set(url, ofUrl);
    ofUrl.push(parseEvent(body));
  };
  return {
    received,
    sender: {
      async send(webhook) {
        const failure = failures.get(webhook.url)?.shift();
        // A receiver may have stored the event before its response was lost.
        if (!failure || (failure === 'timed_out' && random.chance(0.5))) {
          record(webhook);
        }
        return failure ? resultOf(failure) : { kind: 'response', status: 204, ...RESPONSE };
      },
      findUrlFault: async () => undefined,
      close: async () => undefined,
    },
    fail(url, kind, times) {
      failures.set(url, [...(failures.get(url) ?? []), ...Array<FailureKind>(times).fill(kind)]);
    },
    clear: () => failures.clear(),
  };
}

const RESPONSE = { durationMs: 5, retryAfterSeconds: undefined, excerpt: '' } as const;

function resultOf(kind: FailureKind): SendResult {
  switch (kind) {
    case 'error':
      return { kind: 'response', status: 500, ...RESPONSE };
    case 'overloaded':
      return { kind: 'response', status: 429, ...RESPONSE, retryAfterSeconds: 31_536_000 };
    case 'redirect':
      return { kind: 'response', status: 302, ...RESPONSE };
    case 'gone':
      return { kind: 'response', status: 410, ...RESPONSE };
    case 'refused':
      return { kind: 'no_response', problem: 'connection_refused', message: 'refused', durationMs: 1 };
    case 'timed_out':
      return { kind: 'no_response', problem: 'timed_out', message: 'no response', durationMs: 15_000 };
  }
}

export function parseEvent(body: string): ReceivedEvent {
  const { id, type, data } = JSON.parse(body) as {
    id: string;
    type: string;
    data: {
      payment_intent?: { id: string; version: number };
      refund?: { id: string; payment_intent_id: string; version: number };
    };
  };
  const { payment_intent: intent, refund } = data;
  return {
    id,
    type,
    body,
    intentId: intent?.id,
    refundId: refund?.id,
    orderedBy: intent?.id ?? refund?.payment_intent_id,
    version: (intent ?? refund)?.version ?? 0,
  };
}
