/**
 * The page behind a QR code: simulates the payer's app, with buttons to pay and to decline. A collapsed section offers
 * actions for testers. Once the code is paid, it shows the refunds and offers those of PayPay's console.
 */
import { type Html, html } from '../../lib/html.ts';
import type { Payment } from '../core/payment.ts';
import { formatYen, renderButton, renderPage } from './layout.ts';
import { renderConsole } from './refunds.ts';

/** Renders the page of one code at the time `now`. */
export function renderCashierPage(payment: Payment, now: number, notice: string | undefined): string {
  const { request } = payment;
  const content = html`<section class="card cashier">
<p class="soft">Payment request ${request.storeId !== undefined && html`from store ${request.storeId}`}</p>
<h1 class="amount">${formatYen(payment.amount)}</h1>
<p>${request.orderDescription ?? ''}</p>
${isPayable(payment, now) ? renderPayerButtons(payment) : renderState(payment)}
${renderReturn(request.redirectUrl)}
${payment.status === 'CREATED' && renderTesterButtons(payment)}
<p class="soft">${payment.merchantPaymentId}<br>Expires ${new Date(payment.expiresAt).toISOString()}</p>
</section>
${renderConsole(payment, pathOf(payment))}`;
  return renderPage(`Pay ${formatYen(payment.amount)}`, notice, content);
}

/** Renders the page for an unknown code. */
export function renderUnknownCodePage(): string {
  const content = html`<section class="card cashier"><h1>Unknown code</h1>
<p>This sandbox did not create this code, or it was reset or restarted since. Ask the shop for a new code.</p></section>`;
  return renderPage('Unknown code', undefined, content);
}

function isPayable(payment: Payment, now: number): boolean {
  return payment.status === 'CREATED' && payment.deletedAt === undefined && now < payment.expiresAt;
}

function renderPayerButtons(payment: Payment): Html {
  const button = { fields: { qr_content: payment.codeId }, returnTo: pathOf(payment) };
  return html`${renderButton('Pay', { ...button, action: '/_control/pay', style: 'main' })}
${renderButton('Decline', { ...button, action: '/_control/decline', style: 'danger' })}`;
}

function renderState(payment: Payment): Html {
  if (payment.status !== 'CREATED') {
    return html`<p><span class="status ${payment.status}">${payment.status}</span></p>`;
  }
  const message =
    payment.deletedAt === undefined ? 'This code has expired.' : 'The shop has deleted this code.';
  return html`<p>${message}</p>`;
}

function renderTesterButtons(payment: Payment): Html {
  const pay = { action: '/_control/pay', returnTo: pathOf(payment) };
  const fields = { qr_content: payment.codeId };
  return html`<details><summary>For testers</summary>
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
