/**
 * What is known about a payment: whose it is, the order, how and when it was paid.
 */
import { refundsUntil } from '../../../../domain/refunds/refund-window.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { type Fact, facts, idText, time } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import type { Language } from '../../texts/language.ts';
import { paymentTexts } from '../../texts/payment/page.ts';
import type { PaymentView } from './view.ts';

export function renderFacts(view: PaymentView, language: Language): Html {
  const { labels } = paymentTexts(language);
  const { payment, timeZone } = view;
  const { intent } = payment;
  const at = (moment: Date | undefined) => moment && time(moment, timeZone);
  const list: readonly (readonly [label: string, value: Html | string | undefined])[] = [
    [labels.merchant, nameOf(view)],
    [labels.store, intent.merchantStoreId && named(view.storeName, intent.merchantStoreId)],
    [labels.order, copyId(intent.merchantRefId, language)],
    [labels.till, intent.merchantTerminalId && idText(intent.merchantTerminalId)],
    [labels.method, methodsOf(view, language)],
    [labels.payPayNumber, intent.providerPaymentId && copyId(intent.providerPaymentId, language)],
    [labels.created, at(intent.createdAt)],
    [labels.expires, intent.status === 'succeeded' ? undefined : at(intent.expiresAt)],
    [labels.paid, at(intent.succeededAt)],
    [labels.cancelled, at(intent.cancelledAt)],
    [labels.expired, at(intent.expiredAt)],
    [labels.refundsUntil, at(refundsUntil(intent))],
    [labels.description, intent.description],
    [labels.returnUrl, intent.returnUrl && idText(intent.returnUrl)],
    [labels.timeZone, timeZone],
  ];
  return facts(list.flatMap(([label, value]): Fact[] => (value ? [{ label, value }] : [])));
}

function nameOf({ payment: { intent }, merchantName, links }: PaymentView): Html {
  const name = html`${merchantName} ${merchantName !== intent.merchantId && idText(intent.merchantId)}`;
  return links.merchant
    ? html`<a href="/merchants/${encodeURIComponent(intent.merchantId)}">${merchantName}</a> ${merchantName !== intent.merchantId && idText(intent.merchantId)}`
    : name;
}

function named(name: string | undefined, id: string): Html {
  return html`${name} ${idText(id)}`;
}

/** How it was paid, or how it can be. */
function methodsOf({ payment: { intent } }: PaymentView, language: Language): string {
  const { methods } = paymentTexts(language);
  const types = intent.paymentMethodType ? [intent.paymentMethodType] : intent.paymentMethodTypes;
  return types.map((type) => methods[type] ?? type).join(language === 'ja' ? '、' : ', ');
}
