/**
 * One webhook endpoint: settings, health, acts and deliveries.
 */
import type { DeliveryStatus, WebhookDelivery } from '../../../../domain/webhook-delivery.ts';
import type { WebhookEndpoint } from '../../../../domain/webhook-endpoint.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { type EndpointDetails, RECENT } from '../../../../services/operator/webhooks/endpoints-in-scope.ts';
import { type Fact, facts, idText, panel, time } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import { type ActView, actForm } from '../../components/forms.ts';
import { choices, columns, hint, notice, pageHead } from '../../components/page.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { endpointTexts } from '../../texts/gateway/endpoints.ts';
import type { Language } from '../../texts/language.ts';
import { pathWith } from '../paths.ts';
import { recentText } from './list.ts';
import { deliveryBadge, endpointBadge, shownUrl, type Texts } from './parts.ts';

export interface EndpointView extends EndpointDetails {
  readonly mayChange: boolean;
  readonly status: DeliveryStatus | undefined;
  readonly isFirst: boolean;
  readonly done: keyof Texts['done'] | undefined;
  readonly refused: (NonNullable<ActView['refused']> & { readonly act: 'pause' | 'enable' }) | undefined;
}

export function renderEndpoint(view: EndpointView, language: Language): Page {
  const texts = endpointTexts(language);
  const { endpoint, isWhole, done, mayChange } = view;
  const title = shownUrl(endpoint.url);
  const main = html`${pageHead({
    title,
    parent: { label: texts.title, href: '/endpoints' },
    badge: endpointBadge(endpoint, texts),
    below: copyId(endpoint.id, language),
  })}
${done && notice(texts.done[done])}
${!isWhole && hint(texts.partly)}
${columns(
  panel(texts.settings, facts(settingsOf(endpoint, texts))),
  html`${panel(texts.health, facts(healthOf(view, texts)))}${mayChange && renderActs(view, texts, language)}`,
)}
${panel(texts.deliveries, renderDeliveries(view, texts))}`;
  return { title, main };
}

function settingsOf(endpoint: WebhookEndpoint, texts: Texts): readonly Fact[] {
  const { merchantId, eventTypes, merchantStoreIds, ordering, signature, maxPerSecond } = endpoint;
  return [
    {
      label: texts.merchant,
      value: html`<a href="/merchants/${encodeURIComponent(merchantId)}">${merchantId}</a>`,
    },
    { label: texts.description, value: endpoint.description ?? '–' },
    { label: texts.eventTypes, value: eventTypes?.join(', ') ?? texts.allEvents },
    { label: texts.stores, value: merchantStoreIds?.join(', ') ?? texts.allStores },
    { label: texts.ordering, value: texts.orderings[ordering] },
    { label: texts.signature, value: signature === 'hmac' ? 'HMAC-SHA256' : 'Ed25519' },
    { label: texts.maxPerSecond, value: maxPerSecond?.toString() ?? texts.noMaximum },
    { label: texts.created, value: time(endpoint.createdAt) },
  ];
}

function healthOf({ endpoint, recent, isWhole }: EndpointView, texts: Texts): readonly Fact[] {
  const { disabledReason, health } = endpoint;
  const { failingSince, lastFailureAt, suspendedUntil, failures } = health;
  return [
    {
      label: texts.status,
      value: html`${endpointBadge(endpoint, texts)}${disabledReason && html` ${texts.disabledReasons[disabledReason]}`}`,
    },
    ...(isWhole ? [{ label: texts.recent(RECENT), value: recentText(recent, texts) }] : []),
    ...(failures > 0
      ? [{ label: texts.failures, value: String(failures) }]
      : [{ label: texts.failures, value: texts.healthy }]),
    ...(failingSince ? [{ label: texts.failingSince, value: time(failingSince) }] : []),
    ...(lastFailureAt ? [{ label: texts.lastFailure, value: time(lastFailureAt) }] : []),
    ...(suspendedUntil ? [{ label: texts.suspendedUntil, value: time(suspendedUntil) }] : []),
  ];
}

function renderActs({ endpoint, refused }: EndpointView, texts: Texts, language: Language): Html {
  const { id, status, health } = endpoint;
  const act = (name: 'pause' | 'enable', title: string, explanation: string) =>
    actForm(
      {
        action: `/endpoints/${id}/${name}`,
        title,
        explanation,
        refused: refused?.act === name ? refused : undefined,
      },
      language,
    );
  const isHealthy = status === 'enabled' && health.failures === 0;
  return html`${(status === 'enabled' || refused?.act === 'pause') && act('pause', texts.pause, texts.pauseExplanation)}
${!isHealthy && act('enable', texts.enable, texts.enableExplanation)}`;
}

function renderDeliveries(view: EndpointView, texts: Texts): Html {
  const { deliveries, endpoint, status, isFirst } = view;
  const path = `/endpoints/${endpoint.id}`;
  return html`${choices(texts.status, [
    { label: texts.any, href: path, isCurrent: status === undefined },
    ...(Object.keys(texts.deliveryStatuses) as DeliveryStatus[]).map((word) => ({
      label: texts.deliveryStatuses[word],
      href: pathWith(path, { status: word }),
      isCurrent: status === word,
    })),
  ])}
${table({
  caption: texts.deliveriesCaption,
  columns: [
    { label: texts.delivery },
    { label: texts.eventType },
    { label: texts.status },
    { label: texts.tries, isNumber: true },
    { label: texts.lastResponse },
    { label: texts.nextTry },
    { label: texts.created },
  ],
  rows: deliveries.rows.map((delivery) => deliveryCells(delivery, texts)),
  empty: texts.deliveriesNone,
})}
${pager({
  label: texts.pages,
  first: isFirst ? undefined : { label: texts.first, href: pathWith(path, { status }) },
  next:
    deliveries.next === undefined
      ? undefined
      : { label: texts.next, href: pathWith(path, { status, after: deliveries.next }) },
})}`;
}

function deliveryCells(delivery: WebhookDelivery, texts: Texts): readonly (Html | string)[] {
  const last = delivery.attempts.at(-1);
  return [
    html`<a href="/deliveries/${delivery.id}">${idText(delivery.id)}</a>`,
    delivery.eventType,
    deliveryBadge(delivery.status, texts),
    String(delivery.tries),
    last?.status?.toString() ?? last?.problem ?? '–',
    delivery.nextTryAt ? time(delivery.nextTryAt) : '–',
    time(delivery.createdAt),
  ];
}
