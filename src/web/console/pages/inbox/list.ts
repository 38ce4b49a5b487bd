/**
 * The inbox of the provider's webhooks.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { ShownWebhook } from '../../../../services/operator/inbox/show-inbox.ts';
import type { Page as Rows } from '../../../../services/operator/page.ts';
import { badge, idText, type Tone, time } from '../../components/basics.ts';
import { choices, hint, pageHead } from '../../components/page.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { inboxTexts } from '../../texts/gateway/inbox.ts';
import type { Language } from '../../texts/language.ts';
import { pathWith } from '../paths.ts';

export type WebhookStatus = ShownWebhook['status'];
type Texts = ReturnType<typeof inboxTexts>;

export interface InboxView {
  readonly webhooks: Rows<ShownWebhook>;
  readonly status: WebhookStatus | undefined;
  readonly isFirst: boolean;
}

const TONES: Readonly<Record<WebhookStatus, Tone>> = {
  received: 'waiting',
  processed: 'good',
  ignored: 'ended',
  orphaned: 'bad',
};

export function webhookBadge(status: WebhookStatus, texts: Texts): Html {
  return badge(texts.statuses[status], TONES[status]);
}

export function paymentLink({ intentId }: ShownWebhook, texts: Texts): Html | string {
  return intentId === undefined
    ? texts.paymentUnknown
    : html`<a href="/payments/${intentId}">${idText(intentId)}</a>`;
}

export function renderInbox({ webhooks, status, isFirst }: InboxView, language: Language): Page {
  const texts = inboxTexts(language);
  const words = Object.keys(texts.statuses) as WebhookStatus[];
  const main = html`${pageHead({ title: texts.title })}
${hint(texts.intro)}
${choices(texts.filter, [
  { label: texts.any, href: '/inbox', isCurrent: status === undefined },
  ...words.map((word) => ({
    label: texts.statuses[word],
    href: pathWith('/inbox', { status: word }),
    isCurrent: status === word,
  })),
])}
${table({
  caption: texts.caption,
  columns: [
    { label: texts.number },
    { label: texts.received },
    { label: texts.type },
    { label: texts.status },
    { label: texts.payment },
    { label: texts.deliveries, isNumber: true },
    { label: texts.note },
  ],
  rows: webhooks.rows.map((webhook) => [
    html`<a href="/inbox/${webhook.id}">${webhook.id}</a>`,
    time(webhook.receivedAt),
    webhook.type,
    webhookBadge(webhook.status, texts),
    paymentLink(webhook, texts),
    String(webhook.deliveries),
    webhook.note ?? '–',
  ]),
  empty: texts.none,
})}
${pager({
  label: texts.pages,
  first: isFirst ? undefined : { label: texts.first, href: pathWith('/inbox', { status }) },
  next:
    webhooks.next === undefined
      ? undefined
      : { label: texts.next, href: pathWith('/inbox', { status, after: webhooks.next }) },
})}`;
  return { title: texts.title, main };
}
