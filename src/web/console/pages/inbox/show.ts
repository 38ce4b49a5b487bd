/**
 * One webhook of the provider, with its content and its act.
 */
import { html } from '../../../../lib/html.ts';
import type { InboxDetails, ShownWebhook } from '../../../../services/operator/inbox/show-inbox.ts';
import { type Fact, facts, idText, panel, time } from '../../components/basics.ts';
import { type ActView, actForm } from '../../components/forms.ts';
import { columns, hint, notice, pageHead } from '../../components/page.ts';
import type { Page } from '../../layout.ts';
import { inboxTexts } from '../../texts/gateway/inbox.ts';
import type { Language } from '../../texts/language.ts';
import { paymentLink, webhookBadge } from './list.ts';

export interface InboxWebhookView extends InboxDetails {
  readonly mayReplay: boolean;
  readonly done: keyof ReturnType<typeof inboxTexts>['done'] | undefined;
  readonly refused: ActView['refused'];
}

export function renderInboxWebhook(view: InboxWebhookView, language: Language): Page {
  const texts = inboxTexts(language);
  const { webhook, content, isCut, mayReplay, done, refused } = view;
  const title = texts.webhook(webhook.id);
  const main = html`${pageHead({
    title,
    parent: { label: texts.title, href: '/inbox' },
    badge: webhookBadge(webhook.status, texts),
    below: texts.explanations[webhook.status],
  })}
${done && notice(texts.done[done])}
${columns(
  panel(texts.details, facts(factsOf(webhook, texts))),
  html`${
    mayReplay &&
    actForm(
      {
        action: `/inbox/${webhook.id}/replay`,
        title: texts.replay,
        explanation: texts.replayExplanation,
        refused,
      },
      language,
    )
  }`,
)}
${panel(
  texts.content,
  html`<pre class="body" tabindex="0">${content}</pre>${isCut && hint(texts.cut(16))}`,
)}`;
  return { title, main };
}

function factsOf(webhook: ShownWebhook, texts: ReturnType<typeof inboxTexts>): readonly Fact[] {
  const { attemptId, providerPaymentId, processedAt } = webhook;
  return [
    { label: texts.type, value: webhook.type },
    { label: texts.payment, value: paymentLink(webhook, texts) },
    { label: texts.attempt, value: attemptId === undefined ? '–' : idText(attemptId) },
    {
      label: texts.providerPayment,
      value: providerPaymentId === undefined ? '–' : idText(providerPaymentId),
    },
    { label: texts.received, value: time(webhook.receivedAt) },
    { label: texts.processed, value: processedAt ? time(processedAt) : '–' },
    { label: texts.deliveries, value: String(webhook.deliveries) },
    { label: texts.tries, value: String(webhook.tries) },
    { label: texts.note, value: webhook.note ?? '–' },
  ];
}
