/**
 * Renders the payment page to HTML: a pure function of its view. Every state works without a script; the script only
 * shows the next state without a click.
 */
import type { Branding } from '../../domain/branding.ts';
import { Html, html } from '../../lib/html.ts';
import { accentStyle } from './accent.ts';
import { ICONS } from './icons.ts';
import { renderAdvice, renderLayout } from './layout.ts';
import { confirmPath, type PageAddress, pagePath } from './links.ts';
import { CLOSED, RECEIPTS } from './page-state.ts';
import { breakable } from './phrases.ts';
import type { LiveProof } from './receipt.ts';
import type { StateText, Texts } from './texts/types.ts';
import type { CodeView, PageView } from './view.ts';

/** On a till nobody can press a button: time to read why the payment failed, before the next code. */
const TILL_RETRY_SECONDS = 15;

/** @param qrSvg the image of the QR, when the view has a code */
export function renderPaymentPage(view: PageView, qrSvg: string | undefined): string {
  const { options, title, merchantName, refreshSeconds, branding, texts } = view;
  const { language, display, isSandbox } = options;
  return renderLayout({
    language,
    display,
    title: `${title} · ${merchantName}`,
    linkTo: (other) => pagePath({ ...addressOf(view), language: other }),
    refreshSeconds,
    style: accentStyle(branding.accentColor),
    isSandbox,
    head: renderShop(view),
    foot: renderContact(branding, texts),
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

function renderShop({ merchantName, storeName, branding }: PageView): Html {
  const logo = branding.logoPath;
  return html`<div class="shop">${logo !== undefined && html`<img src="${logo}" alt="">`}
<p><strong>${merchantName}</strong>${storeName !== undefined && html` <span>${storeName}</span>`}</p></div>`;
}

function renderContact({ supportPhone, supportEmail }: Branding, texts: Texts): Html | undefined {
  if (supportPhone === undefined && supportEmail === undefined) {
    return undefined;
  }
  const phone = supportPhone?.replaceAll(/[^\d+]/g, '');
  const email = supportEmail && encodeURIComponent(supportEmail).replace('%40', '@');
  return html`<p class="contact">${texts.contact}${phone !== undefined && html` <a href="tel:${phone}">${supportPhone}</a>`}${
    email !== undefined && html` <a href="mailto:${email}">${supportEmail}</a>`
  }</p>`;
}

/** The amount, and what it is for. A till has no header, so the shop's name is here. */
function renderBill(view: PageView): Html {
  const { options, state, texts, amount, amountLabel, refunds, description, facts } = view;
  const parts = amount.parts.map(({ isNumber, value }) =>
    isNumber ? value : html`<span class="unit">${value}</span>`,
  );
  return html`<section class="bill" aria-label="${texts.details}">
${options.display === 'till' && renderShop(view)}
<p class="receipt">${texts.receipt}</p>
${options.isSandbox && html`<p class="receipt">${breakable(texts.sandboxReceipt)}</p>`}
<p class="label">${breakable(amountLabel)}</p>
<p class="amount${lengthOf(amount.text)}${CLOSED.has(state) && ' closed'}">${parts}</p>
${refunds.map((line) => html`<p class="refund">${breakable(line)}</p>`)}
${description !== undefined && html`<p class="description">${description}</p>`}
<dl>${facts.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
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
  const { state, deadline, code, texts, advice, live, isCashToo } = view;
  return html`<section class="state">
${ICONS[state]}
<h1 tabindex="-1">${renderWords(view, 'title')}</h1>
<p class="hint">${renderWords(view, 'hint')}</p>
${live && renderLive(live, texts)}
${code && qrSvg !== undefined && renderCode(view, code, qrSvg)}
${(state === 'ready' || state === 'failed') && renderConfirm(view)}
${state === 'processing' && renderRefresh(view)}
${isCashToo && html`<p class="note">${breakable(texts.cashToo)}</p>`}
${deadline !== undefined && html`<p class="deadline">${deadline}</p>`}
${renderNext(view)}
${advice !== undefined && renderAdvice(advice, texts)}
</section>`;
}

/** Both wordings, of which the style sheet shows the one for the device; the server does not know it. */
function renderWords({ ownPhone, code, ...view }: PageView, part: keyof StateText): Html {
  if (!ownPhone || code?.deeplink === undefined) {
    return breakable(view[part]);
  }
  return html`<span class="own">${breakable(ownPhone[part])}</span><span class="other">${breakable(view[part])}</span>`;
}

/** Moving, and with a clock, so that a picture of it is recognised as one. The clock needs a script. */
function renderLive({ order, paidAt, timeZone }: LiveProof, texts: Texts): Html {
  return html`<div class="live" data-time-zone="${timeZone}" hidden>
<p class="live-order">${texts.orderReference} <b>${order}</b></p>
<p>${texts.paidAtTime} <b>${paidAt}</b></p>
<p>${texts.timeNow} <b data-clock></b></p>
</div>`;
}

function renderCode(view: PageView, code: CodeView, qrSvg: string): Html {
  const { texts, options } = view;
  const qr = html`<div class="qr" role="img" aria-label="${code.qrLabel}">${new Html(qrSvg)}</div>`;
  const isTill = options.display === 'till';
  return html`${isTill || code.deeplink === undefined ? qr : renderApp(code.deeplink, qr, texts)}
<p class="countdown"><span data-fixed>${code.validUntil}</span><span data-left hidden>${texts.timeLeft} <b></b></span></p>
<progress max="1" value="1" aria-hidden="true" hidden></progress>
${
  options.isSandbox &&
  !isTill &&
  html`<p class="try other"><a href="${code.qrContent}" target="_blank" rel="noreferrer noopener">${texts.sandboxPay}</a></p>`
}`;
}

/** On the payer's own phone the app comes first and the QR is folded; on other screens there is only the QR. */
function renderApp(deeplink: string, qr: Html, texts: Texts): Html {
  return html`<p class="app own"><a class="button" href="${deeplink}">${texts.openApp}</a></p>
<details><summary>${texts.otherDevice}</summary>${qr}</details>`;
}

/** The script submits this form by itself (data-auto), unless the last attempt failed and the payer can decide. */
function renderConfirm(view: PageView): Html {
  const { state, texts, options } = view;
  const label = state === 'failed' ? texts.tryAgain : texts.start;
  const tillRetry = options.display === 'till' ? TILL_RETRY_SECONDS : undefined;
  const seconds = state === 'ready' ? 0 : tillRetry;
  return html`<form method="post" action="${confirmPath(addressOf(view))}"${seconds !== undefined && html` data-auto="${seconds}"`}>
<button data-busy="${texts.busy}">${label}</button>
</form>`;
}

function renderRefresh(view: PageView): Html {
  return html`<p class="refresh"><a class="button plain" href="${pagePath(addressOf(view))}">${view.texts.refresh}</a></p>`;
}

/** What can be done after the end. The page may be in a frame of the shop, which the shop's own page replaces. */
function renderNext({ state, texts, options, returnTo }: PageView): Html | undefined {
  const isPrintable = RECEIPTS.has(state) && options.display !== 'till';
  if (returnTo === undefined && !isPrintable) {
    return undefined;
  }
  return html`<p class="next">${
    returnTo !== undefined &&
    html`<a class="button accent" href="${returnTo}" target="_top">${texts.backToShop}</a>`
  }${isPrintable && html`<button type="button" class="plain" data-print hidden>${texts.print}</button>`}</p>`;
}

function addressOf({ id, options }: PageView): PageAddress {
  return { ...options, id };
}
