/**
 * The sandbox's home page: payments, clock, magic amounts, faults and webhooks, each with the forms to change them.
 * The forms post to the control interface.
 */
import { type Html, html } from '../../lib/html.ts';
import type { ControlledSandbox } from '../control/control.ts';
import { FAULT_KINDS } from '../control/faults.ts';
import { DELIVERY_FAULT_KINDS } from '../control/webhooks.ts';
import { OPERATION_NAMES } from '../core/operation.ts';
import { MAGIC_AMOUNTS } from '../faults/magic-amounts.ts';
import { WRONG_ANSWERS } from '../faults/wrong-answers.ts';
import type { LedgerEntry } from '../sandbox-api.ts';
import type { WebhookRecord } from '../webhooks/records.ts';
import { formatYen, renderButton, renderPage } from './layout.ts';
import { renderRefundAll, renderRefundList } from './refunds.ts';

/** The page lists only the newest entries; programs read all of them from `/_control/*`. */
const MAX_ROWS = 100;

/**
 * Renders the current state.
 * @param hasDeliveries whether there is a page of the merchant's deliveries
 */
export function renderHomePage(
  sandbox: ControlledSandbox,
  notice: string | undefined,
  hasDeliveries: boolean,
): string {
  const payments = sandbox.ledger().reverse().slice(0, MAX_ROWS);
  const content = html`<h1>Payments</h1>
${payments.length === 0 ? html`<p class="card">No codes yet. Confirm a payment intent in the gateway to create one.</p>` : renderPayments(payments)}
${hasDeliveries && html`<p><a href="/deliveries">Webhooks that the gateway sends to the demo merchant</a></p>`}
${renderClock(sandbox)}
${renderMagicAmounts(sandbox.behaviour.magicAmounts)}
${renderFaults(sandbox)}
${renderWebhooks(sandbox)}
<h2>Start over</h2>
${renderButton('Reset everything', { action: '/_control/reset', fields: {}, returnTo: '/', style: 'danger' })}`;
  return renderPage('PayPay sandbox', notice, content);
}

function renderPayments(payments: readonly LedgerEntry[]): Html {
  return html`<div class="scroll"><table class="stacked">
<thead><tr><th>Payment</th><th>Amount</th><th>Status</th><th>Money</th><th>Actions</th></tr></thead>
<tbody>${payments.map(renderPayment)}</tbody>
</table></div>`;
}

function renderPayment(payment: LedgerEntry): Html {
  const notes = [
    payment.deletedAt !== undefined && 'code deleted',
    payment.isCancelled && 'cancel accepted',
  ].filter((note) => note !== false);
  return html`<tr>
<td><a href="/app/cashier?code=${payment.codeId}">${payment.merchantPaymentId}</a>
<div class="soft">${payment.request.orderDescription ?? ''}</div>
<div class="soft">${payment.codeId}, expires ${new Date(payment.expiresAt).toISOString()}</div></td>
<td>${formatYen(payment.amount)}</td>
<td><span class="status ${payment.status}">${payment.status}</span><div class="soft">${notes.join(', ')}</div>
${renderRefundList(payment)}</td>
<td class="soft">taken ${formatYen(payment.moneyTaken)}<br>returned ${formatYen(payment.moneyReturned)}</td>
<td>${payment.status === 'CREATED' ? renderPaymentButtons(payment) : renderRefundAll(payment, '/')}</td>
</tr>`;
}

function renderPaymentButtons(payment: LedgerEntry): Html {
  const fields = { qr_content: payment.codeId };
  const pay = { action: '/_control/pay', returnTo: '/' };
  return html`${renderButton('Pay', { ...pay, fields, style: 'main' })}
${renderButton('Decline', { action: '/_control/decline', fields, returnTo: '/', style: 'danger' })}
${renderButton('Pay late', { ...pay, fields: { ...fields, force: 'true' } })}`;
}

function renderClock(sandbox: ControlledSandbox): Html {
  const button = { action: '/_control/clock', returnTo: '/' };
  return html`<h2>Clock</h2><div class="card"><p>The sandbox's time is <strong>${sandbox.clock.now().toISOString()}</strong>.</p>
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
  return html`<h2>Magic amounts</h2><div class="card">
<p>They are <strong>${isOn ? 'on' : 'off'}</strong>: ${isOn ? 'a code for one of these amounts leads to the outcome below without a payer.' : 'these amounts have no special effect.'}</p>
${renderButton(isOn ? 'Switch magic amounts off' : 'Switch magic amounts on', { ...button, fields: { magic_amounts: String(!isOn) } })}
<div class="scroll"><table><tbody>${rows}</tbody></table></div></div>`;
}

function renderFaults(sandbox: ControlledSandbox): Html {
  const rules = sandbox.faults.list();
  return html`<h2>API faults</h2><div class="card">
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
  const records = webhooks.list().reverse().slice(0, MAX_ROWS);
  return html`<h2>Webhooks to the gateway</h2><div class="card">
<p>${webhooks.url === undefined ? 'No address is set, so webhooks are dropped.' : html`Webhooks go to <strong>${webhooks.url}</strong>.`} Mode: ${webhooks.mode}.</p>
<h3>Delivery faults</h3>
${faults.length === 0 ? html`<p>None: webhooks are delivered normally.</p>` : renderRules(faults)}
<form method="post" action="/_control/webhooks/games"><input type="hidden" name="return_to" value="/">
${renderSelect('Delivery fault', 'game', DELIVERY_FAULT_KINDS)}
${renderFrequency('webhooks')}
<button class="main">Set delivery fault</button></form>
${renderButton('Remove all delivery faults', { action: '/_control/webhooks/games/clear', fields: {}, returnTo: '/' })}
</div>
<div class="scroll"><table><tbody>${records.map(renderWebhook)}</tbody></table></div>`;
}

function renderWebhook(webhook: WebhookRecord): Html {
  const path = `/_control/webhooks/${webhook.id}`;
  return html`<tr><td>${webhook.id}<div class="soft">${webhook.createdAt}</div></td>
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
