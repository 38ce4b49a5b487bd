/**
 * One delivery: its tries with the responses of the receiver, and the body of the event.
 */
import type { DeliveryAttempt } from '../../../../domain/webhook-delivery.ts';
import { type Html, html } from '../../../../lib/html.ts';
import type { DeliveryDetails } from '../../../../services/operator/webhooks/show-delivery.ts';
import { badge, type Fact, facts, idText, panel, time } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import { type ActView, actForm } from '../../components/forms.ts';
import { columns, notice, pageHead } from '../../components/page.ts';
import { table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { endpointTexts } from '../../texts/gateway/endpoints.ts';
import type { Language } from '../../texts/language.ts';
import { deliveryBadge, renderBody, shownUrl, type Texts } from './parts.ts';

export interface DeliveryView extends DeliveryDetails {
  readonly mayRedeliver: boolean;
  readonly done: keyof Texts['done'] | undefined;
  readonly refused: ActView['refused'];
}

export function renderDelivery(view: DeliveryView, language: Language): Page {
  const texts = endpointTexts(language);
  const { delivery, body, done, mayRedeliver, refused } = view;
  const title = delivery.eventType;
  const main = html`${pageHead({
    title,
    parent: { label: texts.deliveries, href: `/endpoints/${delivery.endpointId}` },
    badge: deliveryBadge(delivery.status, texts),
    below: copyId(delivery.id, language),
  })}
${done && notice(texts.done[done])}
${columns(
  panel(texts.delivery, facts(factsOf(view, texts))),
  html`${
    mayRedeliver &&
    actForm(
      {
        action: `/deliveries/${delivery.id}/redeliver`,
        title: texts.redeliver,
        explanation: texts.redeliverExplanation,
        refused,
      },
      language,
    )
  }`,
)}
${panel(texts.attempts, renderAttempts(delivery.attempts, texts, language))}
${panel(texts.body, body === undefined ? html`<p class="empty">${texts.bodyGone}</p>` : renderBody(body, texts))}`;
  return { title, main };
}

function factsOf(view: DeliveryView, texts: Texts): readonly Fact[] {
  const { delivery, endpoint, merchantId, storeId, objectId, isBlocked } = view;
  const merchant = html`<a href="/merchants/${encodeURIComponent(merchantId)}">${merchantId}</a>`;
  return [
    {
      label: texts.endpoint,
      value: endpoint
        ? html`<a href="/endpoints/${endpoint.id}">${shownUrl(endpoint.url)}</a>`
        : texts.endpointDeleted,
    },
    { label: texts.merchant, value: merchant },
    { label: texts.store, value: storeId ?? '–' },
    { label: texts.event, value: idText(delivery.eventId) },
    {
      label: texts.object,
      value: objectId.startsWith('pi_')
        ? html`<a href="/payments/${objectId}">${idText(objectId)}</a>`
        : idText(objectId),
    },
    { label: texts.tries, value: String(delivery.tries) },
    ...(delivery.nextTryAt
      ? [
          {
            label: texts.nextTry,
            value: isBlocked ? texts.blocked : time(delivery.nextTryAt),
          },
        ]
      : []),
    { label: texts.created, value: time(delivery.createdAt) },
    ...(delivery.endedAt ? [{ label: texts.ended, value: time(delivery.endedAt) }] : []),
  ];
}

function renderAttempts(attempts: readonly DeliveryAttempt[], texts: Texts, language: Language): Html {
  return table({
    caption: texts.attemptsCaption,
    columns: [
      { label: texts.at },
      { label: texts.response },
      { label: texts.duration, isNumber: true },
      { label: texts.excerpt },
    ],
    rows: attempts.map((attempt) => [
      time(attempt.at),
      responseBadge(attempt),
      `${attempt.durationMs.toLocaleString(language)}\u00a0ms`,
      html`<span class="excerpt">${attempt.responseExcerpt ?? attempt.message ?? '–'}</span>`,
    ]),
    empty: texts.attemptsNone,
  });
}

function responseBadge({ status, problem }: DeliveryAttempt): Html {
  const isAccepted = status !== undefined && status >= 200 && status < 300;
  return badge(status?.toString() ?? problem ?? '–', isAccepted ? 'good' : 'bad');
}
