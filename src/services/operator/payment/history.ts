/**
 * The timeline of a payment: its events, the calls to the provider, the provider's webhooks, the deliveries to the merchant's
 * endpoints, and what operators did, merged in the order of time. Pure; load-payment.ts reads the parts.
 */
import type { AuditRow } from '../../../domain/audit/act.ts';
import type {
  HistoryDelivery,
  HistoryEvent,
  HistoryWebhook,
} from '../../../store/operator/payment-history.ts';
import type { RecordedCalls } from '../../../store/provider-calls/provider-calls.ts';

export const HISTORY_KINDS = ['events', 'calls', 'webhooks', 'deliveries', 'acts'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

export type HistoryItem =
  | { readonly kind: 'events'; readonly at: Date; readonly event: HistoryEvent }
  | { readonly kind: 'calls'; readonly at: Date; readonly calls: RecordedCalls }
  | { readonly kind: 'webhooks'; readonly at: Date; readonly webhook: HistoryWebhook }
  | { readonly kind: 'deliveries'; readonly at: Date; readonly delivery: HistoryDelivery }
  | { readonly kind: 'acts'; readonly at: Date; readonly act: AuditRow };

/** The parts of a history, each oldest first. */
export interface HistoryParts {
  readonly events: readonly HistoryEvent[];
  readonly calls: readonly RecordedCalls[];
  readonly webhooks: readonly HistoryWebhook[];
  readonly deliveries: readonly HistoryDelivery[];
  readonly acts: readonly AuditRow[];
}

/** All items, newest first. What has the same time stands in the order in which one leads to the next. */
export function mergeHistory(parts: HistoryParts): HistoryItem[] {
  const items: HistoryItem[] = [
    ...parts.acts.map((act) => ({ kind: 'acts', at: act.createdAt, act }) as const),
    ...parts.calls.map((calls) => ({ kind: 'calls', at: calls.lastAt, calls }) as const),
    ...parts.webhooks.map((webhook) => ({ kind: 'webhooks', at: webhook.receivedAt, webhook }) as const),
    ...parts.events.map((event) => ({ kind: 'events', at: event.createdAt, event }) as const),
    ...parts.deliveries.map(
      (delivery) => ({ kind: 'deliveries', at: delivery.last?.at ?? delivery.createdAt, delivery }) as const,
    ),
  ];
  return items.sort((a, b) => a.at.getTime() - b.at.getTime()).reverse();
}

export function isHistoryKind(text: string | undefined): text is HistoryKind {
  return HISTORY_KINDS.some((kind) => kind === text);
}

export interface HistoryPage {
  readonly items: readonly HistoryItem[];
  /** Undefined: all. */
  readonly kind: HistoryKind | undefined;
  /** From 1. */
  readonly page: number;
  readonly hasMore: boolean;
  /** Of all pages, by kind. */
  readonly counts: Readonly<Record<HistoryKind, number>>;
}

const PAGE_ITEMS = 50;

/** One page of the items of a kind, or of all. */
export function pageOfHistory(
  items: readonly HistoryItem[],
  kind: HistoryKind | undefined,
  page: number,
): HistoryPage {
  const wanted = kind === undefined ? items : items.filter((item) => item.kind === kind);
  const counts = Object.fromEntries(
    HISTORY_KINDS.map((each) => [each, items.filter((item) => item.kind === each).length]),
  ) as Record<HistoryKind, number>;
  const start = (page - 1) * PAGE_ITEMS;
  return {
    items: wanted.slice(start, start + PAGE_ITEMS),
    kind,
    page,
    hasMore: wanted.length > start + PAGE_ITEMS,
    counts,
  };
}
