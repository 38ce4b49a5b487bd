/**
 * The timeline of a payment, newest first, with a filter by kind.
 */
import { type Html, html } from '../../../../lib/html.ts';
import {
  HISTORY_KINDS,
  type HistoryItem,
  type HistoryKind,
} from '../../../../services/operator/payment/history.ts';
import { panel } from '../../components/basics.ts';
import { choices, hint } from '../../components/page.ts';
import { pager } from '../../components/table.ts';
import { type TimelineItem, timeline } from '../../components/timeline.ts';
import type { Language } from '../../texts/language.ts';
import { timelineTexts } from '../../texts/payment/timeline.ts';
import { renderAct, renderEvent } from './entries/acts-and-events.ts';
import { renderCalls, renderDelivery, renderWebhook } from './entries/messages.ts';
import { type PaymentView, pathOf } from './view.ts';

export function renderTimeline(view: PaymentView, language: Language): Html {
  const texts = timelineTexts(language);
  const { history, timeZone, isCut } = view;
  const { items, kind, page, hasMore, counts } = history;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const filter = choices(texts.filterLabel, [
    { label: texts.all, href: hrefOf(view, undefined, 1), isCurrent: kind === undefined, count: all },
    ...HISTORY_KINDS.filter((each) => counts[each] > 0 || each === kind).map((each) => ({
      label: texts.kinds[each],
      href: hrefOf(view, each, 1),
      isCurrent: kind === each,
      count: counts[each],
    })),
  ]);
  const pages = pager({
    label: texts.pages,
    first: page > 1 ? { label: texts.newer, href: hrefOf(view, kind, 1) } : undefined,
    next: hasMore ? { label: texts.older, href: hrefOf(view, kind, page + 1) } : undefined,
  });
  const shown = items.map((item) => renderItem(item, view, language));
  return html`<div id="timeline">${panel(
    texts.title,
    html`${filter}${isCut && hint(texts.cut)}${timeline({ items: shown, timeZone, empty: texts.empty })}${pages}`,
  )}</div>`;
}

function hrefOf({ payment }: PaymentView, kind: HistoryKind | undefined, page: number): string {
  const query = new URLSearchParams({ ...(kind && { kind }), ...(page > 1 && { page: String(page) }) });
  const text = query.toString();
  return `${pathOf(payment.intent)}${text === '' ? '' : `?${text}`}#timeline`;
}

function renderItem(item: HistoryItem, view: PaymentView, language: Language): TimelineItem {
  const { at, kind } = item;
  return { at, kind: timelineTexts(language).kinds[kind], ...contentOf(item, view, language) };
}

function contentOf(
  item: HistoryItem,
  view: PaymentView,
  language: Language,
): Omit<TimelineItem, 'at' | 'kind'> {
  switch (item.kind) {
    case 'events':
      return renderEvent(item.event, view, language);
    case 'acts':
      return renderAct(item.act, view, language);
    case 'calls':
      return renderCalls(item.calls, view, language);
    case 'webhooks':
      return renderWebhook(item.webhook, view, language);
    case 'deliveries':
      return renderDelivery(item.delivery, view, language);
  }
}
