/**
 * The sandbox's home page: payments, clock, magic amounts, faults and webhooks, each with the forms to change them.
 * The forms post to the control interface.
 */
import { type Html, html } from '../../lib/html.ts';
import type { ControlledSandbox } from '../control/control.ts';
import { FAULT_KINDS } from '../control/faults.ts';
import { DELIVERY_FAULT_KINDS } from '../control/webhooks.ts';
import { OPERATION_NAMES } from '../core/operation.ts';
import type { PaymentOrigin } from '../core/options.ts';
import { MAGIC_AMOUNTS } from '../faults/magic-amounts.ts';
import { WRONG_ANSWERS } from '../faults/wrong-answers.ts';
import type { LedgerEntry } from '../sandbox-api.ts';
import type { WebhookRecord } from '../webhooks/records.ts';
import { formatYen, type Origins, renderButton, renderPage, renderTime } from './layout.ts';
import { renderRefundAll, renderRefundList } from './refunds.ts';

/** The page lists only the newest entries; programs read all of them from `/_control/*`. */
export const MAX_PAYMENTS = 30;
const MAX_WEBHOOKS = 30;

export interface HomeView {
  readonly notice: string | undefined;
  /** Whether there is a page of the merchant's deliveries. */
  readonly hasDeliveries: boolean;
  readonly origins: Origins;
}

/** Renders the current state. @param payments newest first */
export function renderHomePage(
  sandbox: ControlledSandbox,
  payments: readonly LedgerEntry[],
  { notice, hasDeliveries, origins }: HomeView,
): string {
  const content = html`<h1>Payments</h1>
<div id="payments" data-live>${payments.length === 0 ? html`<p class="card">No codes yet. Confirm a payment intent in the gateway to create one.</p>` : renderPayments(payments, sandbox.clock.now().getTime(), origins)}</div>
${hasDeliveries && html`<p><a href="/deliveries">Webhooks that the gateway sends to the demo merchant</a></p>`}
<h2 id="clock-heading">Clock</h2>
<div id="clock" data-live>${renderClock(sandbox)}</div>
<h2 id="magic-amounts">Magic amounts</h2>
<div id="amounts" data-live>${renderMagicAmounts(sandbox.behaviour.magicAmounts)}</div>
<h2>API faults</h2>
<div id="faults" data-live>${renderFaults(sandbox)}</div>
<h2>Webhooks to the gateway</h2>
<div id="webhooks" data-live>${renderWebhooks(sandbox)}</div>
<h2>Start over</h2>
${renderButton('Reset everything', { action: '/_control/reset', fields: {}, returnTo: '/', style: 'danger' })}`;
  return renderPage('PayPay sandbox', notice, content);
}

function renderPayments(payments: readonly LedgerEntry[], now: number, origins: Origins): Html {
  return html`<ul class="payments">${payments.map((payment) => renderPayment(payment, now, origins.get(payment.merchantPaymentId)))}</ul>`;
}

function renderPayment(payment: LedgerEntry, now: number, origin: PaymentOrigin | undefined): Html {
  const { merchantPaymentId, codeId, createdAt, expiresAt, request, status } = payment;
  const isExpired = now >= expiresAt;
  const notes = [
    payment.deletedAt !== undefined && 'code deleted',
    payment.isCancelled && 'cancel accepted',
    payment.moneyTaken > 0 && `taken ${formatYen(payment.moneyTaken)}`,
    payment.moneyReturned > 0 && `returned ${formatYen(payment.moneyReturned)}`,
  ].filter((note) => note !== false);
  return html`<li class="card payment">
<div class="standing"><p class="sum">${formatYen(payment.amount)}</p>
<span class="status ${status}">${status}</span>
${notes.length > 0 && html`<p class="soft">${notes.join(', ')}</p>`}${renderRefundList(payment)}</div>
<div class="info"><p class="shop">${origin?.shopName ?? request.storeId ?? 'Payment request'}</p>
<p>${request.orderDescription ?? ''}</p>
${
  origin &&
  html`<p class="soft">Order ${origin.orderId}</p>
<p class="soft id">${origin.intentId}</p>`
}
<p class="soft"><a class="id" href="/app/cashier?code=${codeId}">${merchantPaymentId}</a></p>
<p class="soft">${renderTime(new Date(createdAt))}${status === 'CREATED' && html`, ${isExpired ? 'expired' : 'expires'} ${renderTime(new Date(expiresAt))}`}</p></div>
<div class="actions">${status === 'CREATED' ? renderPaymentButtons(payment) : renderRefundAll(payment, '/')}</div>
</li>`;
}

function renderPaymentButtons(payment: LedgerEntry): Html {
  const fields = { qr_content: payment.codeId };
  const pay = { action: '/_control/pay', returnTo: '/' };
  return html`${renderButton('Pay', { ...pay, fields, style: 'main' })}
${renderButton('Decline', { action: '/_control/decline', fields, returnTo: '/', style: 'danger' })}
<details id="more-${payment.codeId}"><summary class="soft">For testers</summary>
${renderButton('Pay late', { ...pay, fields: { ...fields, force: 'true' } })}</details>`;
}

function renderClock(sandbox: ControlledSandbox): Html {
  const button = { action: '/_control/clock', returnTo: '/' };
  return html`<div class="card"><p>The sandbox's time is <strong>${renderTime(sandbox.clock.now())}</strong>.</p>
${renderButton('+10 seconds', { ...button, fields: { advance_seconds: '10' } })}
${renderButton('+5 minutes', { ...button, fields: { advance_seconds: '300' } })}
${renderButton('+1 day', { ...button, fields: { advance_seconds: '86400' } })}
${renderButton('Back to real time', { ...button, fields: { reset: 'true' } })}
<p class="soft">Codes, cancel windows and refunds follow this clock, and so does a gateway in the same process. Signatures are checked against real time, so clients keep working when this clock is moved.</p></div>`;
}

function renderMagicAmounts(isOn: boolean): Html {
  const button = { action: '/_control/behaviour', returnTo: '/' };
  const rows = MAGIC_AMOUNTS.map(
    ({ amount, name, outcome }) =>
      html`<tr><td>${formatYen(amount)}</td><td>${name}<div class="soft">${outcome.replaceAll('`', '')}</div></td></tr>`,
  );
  return html`<div class="card">
<p>They are <strong>${isOn ? 'on' : 'off'}</strong>: ${isOn ? 'a code for one of these amounts leads to the outcome below without a payer.' : 'these amounts have no special effect.'}</p>
${renderButton(isOn ? 'Switch magic amounts off' : 'Switch magic amounts on', { ...button, fields: { magic_amounts: String(!isOn) } })}
<table class="amounts"><tbody>${rows}</tbody></table></div>`;
}

function renderFaults(sandbox: ControlledSandbox): Html {
  const rules = sandbox.faults.list();
  return html`<div class="card">
${rules.length === 0 ? html`<p>None: every API call is answered correctly.</p>` : renderRules(rules)}
<form method="post" action="/_control/faults"><input type="hidden" name="return_to" value="/">
${renderSelect('Operation', 'operation', ['any', ...OPERATION_NAMES])}
${renderSelect('Fault', 'kind', FAULT_KINDS)}
${renderSelect('Before or after the effect', 'when', ['', 'before', 'after'])}
${renderSelect('Wrong answer', 'wrong', ['', ...WRONG_ANSWERS])}
${renderFrequency('calls')}
<button class="main">Set API fault</button></form>
${renderButton('Remove all API faults', { action: '/_control/faults/clear', fields: {}, returnTo: '/' })}</div>`;
}

function renderWebhooks(sandbox: ControlledSandbox): Html {
  const { webhooks } = sandbox;
  const faults = webhooks.deliveryFaults.list();
  const records = webhooks.list().reverse().slice(0, MAX_WEBHOOKS);
  return html`<div class="card">
<p>${webhooks.url === undefined ? 'No address is set, so webhooks are dropped.' : html`Webhooks go to <strong>${webhooks.url}</strong>.`} Mode: ${webhooks.mode}.</p>
<h3>Delivery faults</h3>
${faults.length === 0 ? html`<p>None: webhooks are delivered normally.</p>` : renderRules(faults)}
<form method="post" action="/_control/webhooks/games"><input type="hidden" name="return_to" value="/">
${renderSelect('Delivery fault', 'game', DELIVERY_FAULT_KINDS)}
${renderFrequency('webhooks')}
<button class="main">Set delivery fault</button></form>
${renderButton('Remove all delivery faults', { action: '/_control/webhooks/games/clear', fields: {}, returnTo: '/' })}
</div>
${records.length > 0 && html`<div class="card records"><table class="stacked"><tbody>${records.map(renderWebhook)}</tbody></table></div>`}`;
}

function renderWebhook(webhook: WebhookRecord): Html {
  const path = `/_control/webhooks/${webhook.id}`;
  return html`<tr><td>${webhook.id}<div class="soft">${renderTime(new Date(webhook.createdAt))}</div></td>
<td>${webhook.status}<div class="soft">${webhook.attempts.map(({ outcome, httpStatus = '' }) => `${outcome} ${httpStatus}`.trim()).join(', ')}</div></td>
<td class="soft">${webhook.body.slice(0, 400)}</td>
<td>${renderButton('Send', { action: `${path}/deliver`, fields: {}, returnTo: '/' })}
${renderButton('Send a copy', { action: `${path}/duplicate`, fields: {}, returnTo: '/' })}</td></tr>`;
}

function renderRules(rules: readonly object[]): Html {
  return html`<ul>${rules.map((rule) => html`<li class="soft">${JSON.stringify(rule)}</li>`)}</ul>`;
}

function renderFrequency(what: 'calls' | 'webhooks'): Html {
  return html`<label>Next ${what} <input name="times" inputmode="numeric" size="5"></label>
<label>or probability (0 to 1) <input name="probability" inputmode="decimal" size="5"></label>
<label>Delay in ms <input name="delay_ms" inputmode="numeric" size="7"></label>`;
}

function renderSelect(label: string, name: string, choices: readonly string[]): Html {
  const options = choices.map(
    (choice) => html`<option value="${choice}">${choice === '' ? 'default' : choice}</option>`,
  );
  return html`<label>${label} <select name="${name}">${options}</select></label>`;
}
