/**
 * Renders the payment page to HTML: a pure function of its view. Every state works without a script; the script only
 * shows the next state without a click.
 */
import { Html, html } from '../../lib/html.ts';
import { ICONS } from './icons.ts';
import { renderLayout } from './layout.ts';
import { confirmPath, type PageAddress, pagePath } from './links.ts';
import { RECEIPTS } from './page-state.ts';
import type { CodeView, PageView } from './view.ts';

/** @param qrSvg the image of the QR, when the view has a code */
export function renderPaymentPage(view: PageView, qrSvg: string | undefined): string {
  const { options, title, merchantName, refreshSeconds } = view;
  const { language, display } = options;
  return renderLayout({
    language,
    display,
    title: `${title} · ${merchantName}`,
    linkTo: (other) => pagePath({ ...addressOf(view), language: other }),
    refreshSeconds,
    head: renderShop(view),
    foot: options.isSandbox ? renderSandboxNotice(view) : undefined,
    main: renderMain(view, qrSvg),
  });
}

function renderMain(view: PageView, qrSvg: string | undefined): Html {
  const { state, version, key, code, now } = view;
  const until = code?.expiresAt.toISOString() ?? '';
  return html`<main data-state="${state}" data-version="${version}" data-key="${key}" data-now="${now.toISOString()}" data-until="${until}">
${renderState(view, qrSvg)}
${renderBill(view)}
</main>`;
}

function renderShop({ merchantName, storeName }: PageView): Html {
  return html`<p class="shop"><strong>${merchantName}</strong>${storeName !== undefined && html` <span>${storeName}</span>`}</p>`;
}

/** The amount and, except on a till's display, what it is for. */
function renderBill({ options, texts, amount, amountLabel, refunds, description, facts }: PageView): Html {
  const parts = amount.parts.map(({ isNumber, value }) =>
    isNumber ? value : html`<span class="unit">${value}</span>`,
  );
  const details = html`${description !== undefined && html`<p class="description">${description}</p>`}
<dl>${facts.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
  return html`<section class="bill" aria-label="${texts.details}">
<p class="receipt">${texts.receipt}</p>
<p class="label">${amountLabel}</p>
<p class="amount${lengthOf(amount.text)}">${parts}</p>
${refunds.map((line) => html`<p class="refund">${line}</p>`)}
${options.display !== 'till' && details}
</section>`;
}

/** A class that shrinks long amounts to fit on one line, because the policy forbids an inline font size. */
function lengthOf(text: string): string {
  if (text.length <= 7) {
    return '';
  }
  return text.length <= 10 ? ' long' : ' longer';
}

function renderState(view: PageView, qrSvg: string | undefined): Html {
  const { state, title, hint, deadline, code, texts } = view;
  return html`<section class="state">
${ICONS[state]}
<h1 tabindex="-1">${title}</h1>
<p class="hint">${hint}</p>
${code && qrSvg !== undefined && renderCode(view, code, qrSvg)}
${(state === 'ready' || state === 'failed') && renderConfirm(view)}
${state === 'processing' && renderRefresh(view)}
${deadline !== undefined && html`<p class="deadline">${deadline}</p>`}
${RECEIPTS.has(state) && html`<p><button type="button" class="plain" data-print hidden>${texts.print}</button></p>`}
</section>`;
}

function renderCode({ texts }: PageView, code: CodeView, qrSvg: string): Html {
  return html`${
    code.deeplink !== undefined &&
    html`<p class="app"><a class="button" href="${code.deeplink}">${texts.openApp}</a></p>
<p class="or">${texts.orScan}</p>`
  }
<div class="qr" role="img" aria-label="${code.qrLabel}">${new Html(qrSvg)}</div>
<p class="countdown"><span data-fixed>${code.validUntil}</span><span data-left hidden>${texts.timeLeft} <b></b></span></p>
<progress max="1" value="1" aria-hidden="true" hidden></progress>`;
}

/** The script submits this form by itself (data-auto), unless the last attempt failed: then the payer decides. */
function renderConfirm(view: PageView): Html {
  const { state, texts } = view;
  const label = state === 'failed' ? texts.tryAgain : texts.showQr;
  return html`<form method="post" action="${confirmPath(addressOf(view))}"${state === 'ready' && new Html(' data-auto="0"')}>
<button data-busy="${texts.busy}">${label}</button>
</form>`;
}

function renderRefresh(view: PageView): Html {
  return html`<p><a class="button plain" href="${pagePath(addressOf(view))}">${view.texts.refresh}</a></p>`;
}

function renderSandboxNotice({ texts, code }: PageView): Html {
  return html`<p class="sandbox">${texts.sandbox}${
    code &&
    html` <a href="${code.qrContent}" target="_blank" rel="noreferrer noopener">${texts.sandboxPay}</a>`
  }</p>`;
}

function addressOf({ id, options }: PageView): PageAddress {
  return { ...options, id };
}
