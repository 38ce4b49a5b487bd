/**
 * Entries of the timeline: calls to PayPay, its webhooks, and deliveries to the merchant.
 */
import { type Html, html } from '../../../../../lib/html.ts';
import type { HistoryItem } from '../../../../../services/operator/payment/history.ts';
import { idText, time } from '../../../components/basics.ts';
import { copyId } from '../../../components/copy.ts';
import { formTexts } from '../../../texts/forms.ts';
import type { Language } from '../../../texts/language.ts';
import { timelineTexts } from '../../../texts/payment/timeline.ts';
import type { PaymentView } from '../view.ts';
import type { Entry } from './acts-and-events.ts';

type Of<Kind extends HistoryItem['kind']> = Extract<HistoryItem, { kind: Kind }>;

const MS_OF_SECOND = 1_000;

export function renderCalls(
  calls: Of<'calls'>['calls'],
  { timeZone }: PaymentView,
  language: Language,
): Entry {
  const texts = timelineTexts(language);
  const { operation, calls: count, firstAt, lastAt, lastRequestId, objectId } = calls;
  const name = texts.calls[operation] ?? operation;
  return {
    icon: 'call',
    title: name,
    actor: count > 1 ? texts.times(count) : undefined,
    tone: calls.outcome === 'http_2xx' ? undefined : 'waiting',
    text: outcomeOf(calls, language),
    details: {
      summary: texts.details,
      content: html`<dl class="entry-details">
${row(objectId.startsWith('re_') ? texts.refund : texts.attempt, idText(objectId))}
${count > 1 && row(texts.firstCall, time(firstAt, timeZone))}${count > 1 && row(texts.lastCall, time(lastAt, timeZone))}
${lastRequestId !== undefined && row(texts.requestId, copyId(lastRequestId, language))}</dl>`,
    },
  };
}

function outcomeOf({ outcome, code, lastMs }: Of<'calls'>['calls'], language: Language): string {
  const texts = timelineTexts(language);
  if (outcome.startsWith('http_')) {
    return texts.answered(code || outcome.replace('_', ' ').toUpperCase(), durationText(lastMs));
  }
  const words: Readonly<Record<string, string>> = { not_sent: texts.notSent, unreadable: texts.unreadable };
  return words[outcome] ?? texts.noAnswer;
}

function durationText(ms: number): string {
  return ms < MS_OF_SECOND ? `${ms} ms` : `${(ms / MS_OF_SECOND).toFixed(1)} s`;
}

export function renderWebhook(
  webhook: Of<'webhooks'>['webhook'],
  view: PaymentView,
  language: Language,
): Entry {
  const texts = timelineTexts(language);
  const { deliveries, status, attemptId, id } = webhook;
  return {
    icon: 'inbox',
    title: texts.webhook(webhook.type),
    actor: deliveries > 1 ? texts.times(deliveries) : undefined,
    tone: status === 'orphaned' ? 'bad' : undefined,
    text: texts.webhookStatus[status],
    details: {
      summary: texts.details,
      content: html`<dl class="entry-details">${row(texts.attempt, idText(attemptId))}</dl>${
        view.acts.replay && reasonForm(`/inbox/${id}/replay`, texts.replay, language)
      }`,
    },
  };
}

export function renderDelivery(
  delivery: Of<'deliveries'>['delivery'],
  { acts, links, timeZone }: PaymentView,
  language: Language,
): Entry {
  const texts = timelineTexts(language);
  const { id, url, status, eventType, nextTryAt } = delivery;
  return {
    icon: 'endpoints',
    title: texts.delivery(eventType),
    tone: status === 'failed' ? 'bad' : status === 'pending' ? 'waiting' : undefined,
    text: deliveryText(delivery, language),
    details: {
      summary: texts.details,
      content: html`<dl class="entry-details">${row('URL', idText(url))}${nextTryAt && row(texts.nextTry, time(nextTryAt, timeZone))}</dl>
${links.deliveries && html`<p><a href="/deliveries/${id}">${texts.open}</a></p>`}${
  acts.redeliver && reasonForm(`/deliveries/${id}/redeliver`, texts.redeliver, language)
}`,
    },
  };
}

function deliveryText({ status, tries, last }: Of<'deliveries'>['delivery'], language: Language): string {
  const texts = timelineTexts(language);
  const why = last?.status === undefined ? texts.noResponse : `HTTP ${last.status}`;
  switch (status) {
    case 'succeeded':
      return texts.delivered(String(last?.status ?? ''), tries);
    case 'pending':
      return texts.deliveryPending(tries);
    case 'failed':
      return texts.deliveryFailed(why, tries);
  }
}

function row(label: string, value: Html | string): Html {
  return html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
}

/** A small form of an act that belongs to an entry. */
function reasonForm(action: string, title: string, language: Language): Html {
  const texts = formTexts(language);
  return html`<form class="entry-act" method="post" action="${action}"><input name="reason" required minlength="2" maxlength="500" autocomplete="off" aria-label="${texts.reason}" placeholder="${texts.reason}"><button class="plain">${title}</button></form>`;
}
