/**
 * The list of webhook endpoints.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { Page as Rows } from '../../../../services/operator/page.ts';
import type {
  EndpointRow,
  RecentDeliveries,
} from '../../../../services/operator/webhooks/endpoints-in-scope.ts';
import { time } from '../../components/basics.ts';
import { filterForm, input, select } from '../../components/forms.ts';
import { pageHead } from '../../components/page.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { endpointTexts } from '../../texts/gateway/endpoints.ts';
import type { Language } from '../../texts/language.ts';
import { pathWith } from '../paths.ts';
import { endpointBadge, shownUrl, type Texts } from './parts.ts';

export interface EndpointsView {
  readonly endpoints: Rows<EndpointRow>;
  readonly filter: {
    readonly merchant: string | undefined;
    readonly status: keyof Texts['statuses'] | undefined;
  };
  readonly isFirst: boolean;
}

export function renderEndpoints(view: EndpointsView, language: Language): Page {
  const texts = endpointTexts(language);
  const { endpoints, filter, isFirst } = view;
  const main = html`${pageHead({ title: texts.title })}
${renderFilter(view, texts, language)}
${table({
  caption: texts.caption,
  columns: [
    { label: texts.url },
    { label: texts.merchant },
    { label: texts.status },
    { label: texts.recentShort },
    { label: texts.failingSince },
    { label: texts.created },
  ],
  rows: endpoints.rows.map(({ endpoint, recent }) => [
    html`<a href="/endpoints/${endpoint.id}">${shownUrl(endpoint.url)}</a>`,
    html`<a href="/merchants/${encodeURIComponent(endpoint.merchantId)}">${endpoint.merchantId}</a>`,
    endpointBadge(endpoint, texts),
    recentText(recent, texts),
    endpoint.health.failingSince ? time(endpoint.health.failingSince) : '–',
    time(endpoint.createdAt),
  ]),
  empty: texts.none,
})}
${pager({
  label: texts.pages,
  first: isFirst ? undefined : { label: texts.first, href: pathWith('/endpoints', filter) },
  next:
    endpoints.next === undefined
      ? undefined
      : { label: texts.next, href: pathWith('/endpoints', { ...filter, after: endpoints.next }) },
})}`;
  return { title: texts.title, main, width: 'wide' };
}

/** Of those that have ended. */
export function recentText(recent: RecentDeliveries | undefined, texts: Texts): string {
  const ended = (recent?.succeeded ?? 0) + (recent?.failed ?? 0);
  return ended === 0 ? texts.noRecent : texts.recentCounts(recent?.succeeded ?? 0, ended);
}

function renderFilter({ filter }: EndpointsView, texts: Texts, language: Language): Html {
  const statuses = Object.entries(texts.statuses).map(([value, label]) => ({ value, label }));
  return filterForm(
    {
      action: '/endpoints',
      label: texts.filter,
      isFiltered: filter.merchant !== undefined || filter.status !== undefined,
      fields: html`${input({ name: 'merchant', label: texts.merchant, value: filter.merchant, maxLength: 64 })}
${select({
  name: 'status',
  label: texts.status,
  value: filter.status,
  options: [{ value: '', label: texts.any }, ...statuses],
})}`,
    },
    language,
  );
}
