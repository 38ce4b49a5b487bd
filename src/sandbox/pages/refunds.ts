/**
 * The refunds of a payment, and the forms with which a tester acts as the merchant's staff in PayPay's console or lets
 * PayPay carry out what it holds.
 */
import { type Html, html } from '../../lib/html.ts';
import type { Payment, Refund } from '../core/payment.ts';
import { refundableAmount } from '../core/refund-rules.ts';
import { formatYen, renderButton } from './layout.ts';

/** Renders each refund: amount, status, and who made it. Nothing when there is none. */
export function renderRefundList(payment: Payment): Html | undefined {
  return payment.refunds.length === 0
    ? undefined
    : html`<ul class="refunds">${payment.refunds.map(renderRefund)}</ul>`;
}

/** Renders the button that refunds all that is left. Nothing when nothing can be refunded. */
export function renderRefundAll(payment: Payment, returnTo: string): Html | undefined {
  const left = refundableAmount(payment);
  const label = `Refund ${formatYen(left)} in PayPay's console`;
  const button = { action: '/_control/console/refund', fields: fieldsOf(payment), returnTo };
  return left > 0 ? renderButton(label, button) : undefined;
}

/** Renders the card below a paid code. Nothing when there is no money to return and no refund to show. */
export function renderConsole(payment: Payment, returnTo: string): Html | undefined {
  const list = renderRefundList(payment);
  const left = refundableAmount(payment);
  if (!list && left === 0) {
    return undefined;
  }
  return html`<section class="card cashier"><h2>Refunds</h2>
${list ?? html`<p class="soft">None yet.</p>`}
${payment.refunds.some(isPending) && renderRelease(payment, returnTo)}
${left > 0 && renderConsoleForms(payment, returnTo)}
</section>`;
}

function renderRefund(refund: Refund): Html {
  const maker = refund.origin === 'console' ? "in PayPay's console" : 'by the merchant';
  return html`<li>${formatYen(refund.amount)} <span class="status ${refund.status}">${refund.status}</span> ${maker}
<div class="soft">${refund.merchantRefundId}${refund.isHeld && isPending(refund) && ', held'}</div></li>`;
}

function renderRelease(payment: Payment, returnTo: string): Html {
  return renderButton('Carry out pending refunds now', {
    action: '/_control/refunds/release',
    fields: fieldsOf(payment),
    returnTo,
  });
}

function renderConsoleForms(payment: Payment, returnTo: string): Html {
  const fields = Object.entries({ ...fieldsOf(payment), return_to: returnTo });
  const cancel = { action: '/_control/console/cancel', fields: fieldsOf(payment), returnTo };
  return html`<h3>In PayPay's console</h3>
<p class="soft">The gateway learns of refunds made here the next time it reads the payment.</p>
${renderRefundAll(payment, returnTo)}
<form method="post" action="/_control/console/refund">
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<label>Amount in yen <input name="amount" inputmode="numeric" pattern="[0-9]+" size="11" required></label>
<button class="plain">Refund this amount</button></form>
${payment.refunds.length === 0 && renderButton('Cancel the payment', { ...cancel, style: 'danger' })}`;
}

function isPending(refund: Refund): boolean {
  return refund.status === 'CREATED';
}

function fieldsOf(payment: Payment): Record<string, string> {
  return { qr_content: payment.codeId };
}
