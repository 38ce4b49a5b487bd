/**
 * Building blocks of the sandbox's pages.
 */
import { type Html, html } from '../../lib/html.ts';
import type { PaymentOrigin } from '../core/options.ts';
import { STYLE } from './style.ts';

/** What people want to know about a payment, which the simulated PayPay itself does not know. */
export type Origins = ReadonlyMap<string, PaymentOrigin>;

/**
 * Renders a complete page. `notice` is the result of the form that led to it.
 * @param isLinked whether its reader may go to the list of all payments
 */
export function renderPage(
  title: string,
  notice: string | undefined,
  content: Html,
  { isLinked }: { isLinked: boolean } = { isLinked: true },
): string {
  const name = 'PayPay sandbox';
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<script src="/app/assets/pages.js" type="module"></script>
</head>
<body>
<header>${isLinked ? html`<a href="/">${name}</a>` : html`<strong>${name}</strong>`}<span>A simulation. No real money moves.</span></header>
<main>
<div id="notice" data-live>${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}</div>
${content}
</main>
</body>
</html>
`;
  return page.text;
}

/** Renders a form with one button. It posts to the control interface, which redirects back to `returnTo`. */
export function renderButton(
  label: string,
  button: { action: string; fields: Record<string, string>; returnTo: string; style?: 'main' | 'danger' },
): Html {
  const fields = Object.entries({ ...button.fields, return_to: button.returnTo });
  return html`<form method="post" action="${button.action}">
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button class="${button.style ?? 'plain'}">${label}</button>
</form>`;
}

/** Formats an amount in yen, for example ¥1,200. */
export function formatYen(amount: number): string {
  return `¥${amount.toLocaleString('en-US')}`;
}

/** A time, which the page's script shows in the reader's own time zone. */
export function renderTime(at: Date): Html {
  const iso = at.toISOString();
  return html`<time datetime="${iso}" data-local>${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}
