/**
 * What the operator can do with a payment now. What they may not do, or its status does not allow, is not offered.
 */
import { currencyDigits } from '../../../../lib/currencies.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { moneyText, panel } from '../../components/basics.ts';
import { actForm, input, select } from '../../components/forms.ts';
import { hint } from '../../components/page.ts';
import type { Language } from '../../texts/language.ts';
import { actTexts } from '../../texts/payment/acts.ts';
import { paymentTexts } from '../../texts/payment/page.ts';
import { type ActName, type OfferedActs, type PaymentView, pathOf } from './view.ts';

const MAX_NAME = 64;
const MAX_DESCRIPTION = 255;
const REASONS = ['requested_by_customer', 'duplicate', 'fraudulent', 'other'] as const;

export function renderActs(view: PaymentView, language: Language): Html {
  const texts = actTexts(language);
  const { refresh, refund, capture, cancel, note } = view.acts;
  const forms = [
    refund && renderRefund(view, refund, language),
    capture && renderCapture(view, language),
    cancel && renderCancel(view, language),
    note && renderNote(view, language),
  ].filter((form) => form !== undefined && form !== false);
  const button =
    refresh &&
    html`<form class="stacked" method="post" action="${pathOf(view.payment.intent)}/refresh"><button class="plain">${texts.refresh}</button><small>${texts.refreshHint}</small></form>`;
  return panel(texts.title, html`${button}${!refresh && forms.length === 0 && hint(texts.none)}${forms}`);
}

function renderRefund(
  view: PaymentView,
  { refundable, maxAmount, methods }: NonNullable<OfferedActs['refund']>,
  language: Language,
): Html {
  const texts = actTexts(language);
  const { refundMethods, reasons } = paymentTexts(language);
  const { currency } = view.payment.intent;
  const most = Math.min(refundable, maxAmount ?? refundable);
  const entered = enteredIn(view, 'refund');
  const limit = maxAmount === undefined ? undefined : moneyText(maxAmount, currency, language);
  const fields = html`${hidden(view)}
${amountInput(entered('amount'), most, currency, language)}
${
  methods.length > 1
    ? select({
        name: 'method',
        label: texts.method,
        value: entered('method'),
        options: methods.map((value) => ({ value, label: refundMethods[value] })),
      })
    : html`<input type="hidden" name="method" value="${methods[0] ?? ''}">`
}
${select({
  name: 'category',
  label: texts.refundReason,
  value: entered('category'),
  options: REASONS.map((value) => ({ value, label: reasons[value] })),
})}
${input({
  name: 'description',
  label: texts.description,
  hint: texts.descriptionHint,
  value: entered('description'),
  maxLength: MAX_DESCRIPTION,
})}`;
  return form(
    view,
    'refund',
    { fields, explanation: texts.refundExplanation(limit), isGrave: true },
    language,
  );
}

function renderCapture(view: PaymentView, language: Language): Html {
  const texts = actTexts(language);
  const { amount, currency, merchantTerminalId } = view.payment.intent;
  const entered = enteredIn(view, 'capture');
  const fields = html`${hidden(view)}
${amountInput(entered('amount'), amount, currency, language)}
${input({
  name: 'staff',
  label: texts.staff,
  hint: texts.staffHint,
  value: entered('staff'),
  isRequired: true,
  maxLength: MAX_NAME,
})}
${input({ name: 'till', label: texts.till, value: entered('till') ?? merchantTerminalId, maxLength: MAX_NAME })}`;
  return form(view, 'capture', { fields, explanation: texts.captureExplanation }, language);
}

function renderCancel(view: PaymentView, language: Language): Html {
  return form(view, 'cancel', { explanation: actTexts(language).cancelExplanation, isGrave: true }, language);
}

function renderNote(view: PaymentView, language: Language): Html {
  const { noteExplanation: explanation, noteLabel: reasonLabel } = actTexts(language);
  return form(view, 'note', { explanation, reasonLabel }, language);
}

/** An amount in major units, by default the most that is possible. */
function amountInput(entered: string | undefined, most: number, currency: string, language: Language): Html {
  const texts = actTexts(language);
  return input({
    name: 'amount',
    label: texts.amount(currency),
    value: entered ?? majorUnits(most, currency),
    hint: texts.atMost(moneyText(most, currency, language)),
    isRequired: true,
    maxLength: 20,
    inputMode: 'numeric',
  });
}

const PATHS: Readonly<Record<ActName, string>> = {
  refund: 'refunds',
  capture: 'capture',
  cancel: 'cancel',
  note: 'notes',
};

function form(
  view: PaymentView,
  act: ActName,
  more: {
    readonly fields?: Html;
    readonly explanation: string;
    readonly reasonLabel?: string;
    readonly isGrave?: boolean;
  },
  language: Language,
): Html {
  const refused = view.refused?.act === act ? view.refused : undefined;
  return actForm(
    {
      action: `${pathOf(view.payment.intent)}/${PATHS[act]}`,
      title: actTexts(language)[act],
      refused: refused && { problem: refused.problem, reason: refused.form.get('reason') ?? '' },
      ...more,
    },
    language,
  );
}

/** The value that was entered into the form of an act, if it was refused. */
function enteredIn({ refused }: PaymentView, act: ActName): (name: string) => string | undefined {
  return (name) => (refused?.act === act ? (refused.form.get(name) ?? undefined) : undefined);
}

function hidden({ formId }: PaymentView): Html {
  return html`<input type="hidden" name="form_id" value="${formId}">`;
}

function majorUnits(amount: number, currency: string): string {
  const digits = currencyDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}
