/**
 * The page of the webhooks that a gateway in the same process sends to the demo merchant, for developers of a receiver.
 */
import { type Html, html } from '../../lib/html.ts';
import type { MerchantDelivery } from '../core/options.ts';
import { renderPage, renderTime } from './layout.ts';

/** The page lists only the newest; merchants read all of them from the gateway's API. */
export const MAX_DELIVERIES = 50;
/** The stored excerpt of a response is a little longer. */
const MAX_RESPONSE_LENGTH = 300;

/** Renders the page. @param deliveries newest first */
export function renderDeliveriesPage(deliveries: readonly MerchantDelivery[]): string {
  const content = html`<p><a href="/">All payments</a></p>
<h1>Webhooks to the demo merchant</h1>
<div id="deliveries" data-live>${deliveries.length === 0 ? renderEmptyState() : renderDeliveries(deliveries)}</div>`;
  return renderPage('Webhooks to the demo merchant', undefined, content);
}

function renderEmptyState(): Html {
  return html`<div class="card"><p>No deliveries yet. The demo merchant needs a webhook endpoint, and then a payment. There are three ways:</p>
<ul>
<li>Create an endpoint with <code>POST /v1/webhook_endpoints</code> and the demo merchant's keys. Here it may be on this machine, for example <code>http://localhost:3000/webhooks</code>.</li>
<li>Start <code>mpac-pgw sandbox --with-gateway</code> with <code>SANDBOX_WEBHOOK_URL</code>, which creates the endpoint and prints its secret.</li>
<li>Run <code>pgw listen --forward-to http://localhost:3000/webhooks</code>. It needs no endpoint: it follows the events feed and prints its deliveries itself, so they are not on this page.</li>
</ul></div>`;
}

function renderDeliveries(deliveries: readonly MerchantDelivery[]): Html {
  return html`<p class="soft">The newest ${MAX_DELIVERIES}.</p>
<div class="card records"><table class="stacked">
<thead><tr><th>Time</th><th>Event</th><th>Status</th><th>Tries</th><th>Last response</th></tr></thead>
<tbody>${deliveries.map(renderDelivery)}</tbody>
</table></div>`;
}

function renderDelivery(delivery: MerchantDelivery): Html {
  const { createdAt, eventType, objectId, destination, status, tries, lastResponse, nextTryAt } = delivery;
  return html`<tr>
<td>${renderTime(createdAt)}</td>
<td>${eventType}<div class="soft">${objectId}</div><div class="soft">to ${destination}</div></td>
<td><span class="status ${status}">${status}</span>${nextTryAt && html`<div class="soft">next try ${renderTime(nextTryAt)}</div>`}</td>
<td>${tries}<span class="narrow">${tries === 1 ? ' try' : ' tries'}</span></td>
<td class="soft">${lastResponse?.slice(0, MAX_RESPONSE_LENGTH) ?? 'none yet'}</td>
</tr>`;
}
