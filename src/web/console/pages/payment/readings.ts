/**
 * PayPay's own record beside ours, as it was just read.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { ComparedField, RecordValue } from '../../../../services/operator/payment/compare-records.ts';
import type { AttemptReading } from '../../../../services/operator/payment/refresh-payment.ts';
import { idText, money, panel, time } from '../../components/basics.ts';
import { comparison } from '../../components/comparison.ts';
import { hint, notice, problem } from '../../components/page.ts';
import type { Language } from '../../texts/language.ts';
import { failureText } from '../../texts/payment/failures.ts';
import { paymentTexts } from '../../texts/payment/page.ts';
import { statusTexts } from '../../texts/payment/statuses.ts';
import type { PaymentView } from './view.ts';

/** Nothing, unless the record was asked for. */
export function renderReadings({ readings, timeZone }: PaymentView, language: Language): Html | undefined {
  if (!readings) {
    return undefined;
  }
  const texts = paymentTexts(language);
  if (readings.length === 0) {
    return panel(texts.record, hint(texts.noAttemptToRead));
  }
  return html`${readings.map((reading) =>
    panel(
      texts.record,
      renderReading(reading, timeZone, language),
      html`<small>${texts.readAt} ${time(reading.readAt, timeZone)}</small>`,
    ),
  )}`;
}

function renderReading({ attempt, result }: AttemptReading, timeZone: string, language: Language): Html {
  const texts = paymentTexts(language);
  const of = html`<p class="faint">${texts.attempt} ${idText(attempt.id)}</p>`;
  switch (result.kind) {
    case 'busy':
      return html`${of}${problem(texts.busy)}`;
    case 'slow':
      return html`${of}${problem(texts.slow)}`;
    case 'unreadable':
      return html`${of}${problem(html`${texts.unreadable} ${result.reason && failureText(result.reason, language)}`)}`;
    case 'compared': {
      const { fields } = result;
      const differs = fields.some(({ isDifferent }) => isDifferent);
      return html`${of}${differs ? problem(texts.differ) : notice(texts.agree)}${renderFields(fields, timeZone, language)}`;
    }
  }
}

function renderFields(fields: readonly ComparedField[], timeZone: string, language: Language): Html {
  const texts = paymentTexts(language);
  const value = (of: RecordValue) => renderValue(of, timeZone, language);
  return comparison(
    {
      caption: texts.record,
      ours: texts.ours,
      theirs: texts.theirs,
      rows: fields.map(({ name, refundId, ours, theirs, isDifferent }) => ({
        label: refundId === undefined ? texts.fields[name] : `${texts.fields[name]} ${refundId}`,
        ours: value(ours),
        theirs: value(theirs),
        isDifferent,
      })),
    },
    language,
  );
}

function renderValue(value: RecordValue, timeZone: string, language: Language): Html | string {
  const { attempts, refunds, records } = statusTexts(language);
  switch (value.kind) {
    case 'none':
      return paymentTexts(language).none;
    case 'money':
      return money(value.money.amount, value.money.currency, language);
    case 'time':
      return time(value.at, timeZone);
    case 'id':
      return idText(value.id);
    case 'attempt':
      return attempts[value.status];
    case 'record':
      return records[value.status];
    case 'refund':
      return html`${money(value.money.amount, value.money.currency, language)} ${refunds[value.status]}`;
  }
}
