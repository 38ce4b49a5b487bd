/**
 * Entries of the timeline: what happened to the payment, and what operators did.
 */
import type { AuditRow, Json } from '../../../../../domain/audit/act.ts';
import type { PaymentEventType } from '../../../../../domain/payment.ts';
import { type Html, html } from '../../../../../lib/html.ts';
import type { HistoryItem } from '../../../../../services/operator/payment/history.ts';
import { idText, money, type Tone } from '../../../components/basics.ts';
import type { IconName } from '../../../components/icons.ts';
import type { TimelineItem } from '../../../components/timeline.ts';
import type { Language } from '../../../texts/language.ts';
import { failureText } from '../../../texts/payment/failures.ts';
import { paymentTexts } from '../../../texts/payment/page.ts';
import { type PaymentAct, timelineTexts } from '../../../texts/payment/timeline.ts';
import type { PaymentView } from '../view.ts';

export type Entry = Omit<TimelineItem, 'at' | 'kind'>;
type HistoryEvent = Extract<HistoryItem, { kind: 'events' }>['event'];

const TONES: Partial<Readonly<Record<PaymentEventType, Tone>>> = {
  captured: 'good',
  succeeded: 'good',
  refund_succeeded: 'good',
  refunded: 'good',
  code_refused: 'bad',
  payment_failed: 'bad',
  refund_failed: 'bad',
  code_unseen: 'waiting',
  outcome_unknown: 'waiting',
  refund_due: 'waiting',
  refund_created: 'waiting',
  refund_delayed: 'waiting',
};
const ICONS: Readonly<Record<Tone, IconName>> = {
  good: 'good',
  waiting: 'waiting',
  bad: 'bad',
  ended: 'payments',
};
/** How an API key is named as an actor. */
const API_KEY = /^api_key:(.+)$/;

export function renderEvent(event: HistoryEvent, view: PaymentView, language: Language): Entry {
  const texts = timelineTexts(language);
  const tone = TONES[event.type] ?? 'ended';
  const { actor } = event;
  const key = API_KEY.exec(actor)?.[1];
  return {
    icon: event.type.startsWith('refund') && tone !== 'bad' ? 'refunds' : ICONS[tone],
    tone,
    title: texts.events[event.type] ?? event.type,
    actor: key === undefined ? (texts.actors[actor] ?? actor) : texts.key(key),
    text: renderData(event, view, language),
  };
}

/** The amount, the refund and the reason that an event has. */
function renderData({ data }: HistoryEvent, view: PaymentView, language: Language): Html | undefined {
  const { amount, refund_id: refundId, provider_payment_id: number, code, message } = data;
  const { currency } = view.payment.intent;
  const parts = [
    typeof amount === 'number' && money(amount, currency, language),
    typeof refundId === 'string' && idText(refundId),
    typeof number === 'string' && html`${paymentTexts(language).labels.payPayNumber} ${idText(number)}`,
    typeof code === 'string' &&
      failureText({ code, message: typeof message === 'string' ? message : code }, language),
  ].filter((part) => part !== false);
  return parts.length === 0 ? undefined : html`${parts.map((part) => html`${part} `)}`;
}

export function renderAct(act: AuditRow, view: PaymentView, language: Language): Entry {
  const texts = timelineTexts(language);
  const { id } = act.actor;
  const title = act.type in texts.acts ? texts.acts[act.type as PaymentAct] : `${texts.otherAct} ${act.type}`;
  const details = renderDetails(act.after, view, language);
  return {
    icon: act.type === 'payment.noted' ? 'note' : 'operators',
    title,
    actor: view.operators.get(id) ?? id,
    text:
      act.reason === undefined && !details
        ? undefined
        : html`${act.reason && html`<q>${act.reason}</q> `}${details}`,
  };
}

function renderDetails(after: Json | undefined, view: PaymentView, language: Language): Html | undefined {
  if (typeof after !== 'object' || after === null || Array.isArray(after)) {
    return undefined;
  }
  const texts = timelineTexts(language);
  const { amount, refund: refundId, staff, till } = after as Readonly<Record<string, Json>>;
  const parts = [
    typeof amount === 'number' && money(amount, view.payment.intent.currency, language),
    typeof refundId === 'string' && idText(refundId),
    typeof staff === 'string' && `${texts.staff} ${staff}`,
    typeof till === 'string' && `${texts.till} ${till}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? undefined : html`${parts.map((part) => html`${part} `)}`;
}
