/**
 * The page behind a QR code: simulates the payer's app, with buttons to pay and to decline. A collapsed section offers
 * actions for testers. Once the code is paid, it shows the refunds and offers those of PayPay's console.
 */
import { type Html, html } from '../../lib/html.ts';
import type { PaymentOrigin } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import { formatYen, renderButton, renderPage, renderTime } from './layout.ts';
import { renderConsole } from './refunds.ts';

export interface CashierView {
  readonly now: number;
  readonly notice: string | undefined;
  /** Undefined if no gateway in this process knows the payment. */
  readonly origin: PaymentOrigin | undefined;
  /** Whether the reader is at this machine, and so a tester and not only a payer. */
  readonly isTester: boolean;
}

/** Renders the page of one code. */
export function renderCashierPage(payment: Payment, { now, notice, origin, isTester }: CashierView): string {
  const { request } = payment;
  const store = request.storeId !== undefined && `Store ${request.storeId}`;
  const content = html`<div id="code" data-live>
<section class="card cashier">
<div class="head"><p class="shop">${origin?.shopName ?? (store || 'Payment request')}</p>
<h1 class="amount">${formatYen(payment.amount)}</h1>
<p>${request.orderDescription ?? ''}</p></div>
${isPayable(payment, now) ? renderPayerButtons(payment) : renderState(payment)}
${renderReturn(request.redirectUrl)}
${isTester && payment.status === 'CREATED' && renderTesterButtons(payment)}
${renderDetails(payment, origin)}
</section>
${isTester && renderConsole(payment, pathOf(payment))}
</div>
<div class="cashier back" id="back" hidden><button type="button">Go back</button></div>`;
  return renderPage(`Pay ${formatYen(payment.amount)}`, notice, content, { isLinked: isTester });
}

function renderDetails(payment: Payment, origin: PaymentOrigin | undefined): Html {
  const { merchantPaymentId, codeId, expiresAt, status } = payment;
  return html`<dl>
${origin && html`<dt>Order</dt><dd>${origin.orderId}</dd><dt>Payment</dt><dd class="id">${origin.intentId}</dd>`}
<dt>Attempt</dt><dd class="id">${merchantPaymentId}</dd>
<dt>Code</dt><dd class="id">${codeId}</dd>
${status === 'CREATED' && html`<dt>Expires</dt><dd>${renderTime(new Date(expiresAt))}</dd>`}
</dl>`;
}

/** Renders the page for an unknown code. */
export function renderUnknownCodePage(isTester: boolean): string {
  const content = html`<section class="card cashier"><h1>Unknown code</h1>
<p>This sandbox did not create this code, or it was reset or restarted since. Ask the shop for a new code.</p></section>`;
  return renderPage('Unknown code', undefined, content, { isLinked: isTester });
}

function isPayable(payment: Payment, now: number): boolean {
  return payment.status === 'CREATED' && payment.deletedAt === undefined && now < payment.expiresAt;
}

function renderPayerButtons(payment: Payment): Html {
  const button = { fields: { qr_content: payment.codeId }, returnTo: pathOf(payment) };
  return html`${renderButton('Pay', { ...button, action: '/_control/pay', style: 'main' })}
${renderButton('Decline', { ...button, action: '/_control/decline', style: 'danger' })}`;
}

const OUTCOMES: Readonly<Record<Payment['status'], string>> = {
  CREATED: '',
  COMPLETED: 'Paid.',
  FAILED: 'Not paid.',
  REFUNDED: 'Money returned.',
};

function renderState({ status, deletedAt }: Payment): Html {
  if (status !== 'CREATED') {
    return html`<p class="outcome">${OUTCOMES[status]} <span class="status ${status}">${status}</span></p>`;
  }
  const message = deletedAt === undefined ? 'This code has expired.' : 'The shop has deleted this code.';
  return html`<p class="outcome">${message}</p>`;
}

function renderTesterButtons(payment: Payment): Html {
  const pay = { action: '/_control/pay', returnTo: pathOf(payment) };
  const fields = { qr_content: payment.codeId };
  return html`<details id="testers"><summary>For testers</summary>
${renderButton('Pay late (scanned earlier)', { ...pay, fields: { ...fields, force: 'true' } })}
${renderButton('Pay twice', { ...pay, fields: { ...fields, twice: 'true' } })}
${renderButton('Pay 1 s before expiry', { ...pay, fields: { ...fields, seconds_from_expiry: '-1' } })}
${renderButton('Pay 1 s after expiry', { ...pay, fields: { ...fields, seconds_from_expiry: '1', force: 'true' } })}
</details>`;
}

/** Links only to web addresses, because another redirectUrl could run a script in the payer's browser. */
function renderReturn(redirectUrl: string | undefined): Html | undefined {
  const isWebAddress = redirectUrl !== undefined && /^https?:\/\//i.test(redirectUrl);
  return isWebAddress
    ? html`<p><a rel="noreferrer" href="${redirectUrl}">Back to the shop</a></p>`
    : undefined;
}

function pathOf(payment: Payment): string {
  return `/app/cashier?code=${encodeURIComponent(payment.codeId)}`;
}
