/**
 * Tag PaymentPage: the page on which the payer pays.
 */
import { DomainError } from '../../domain/errors.ts';
import { html } from '../../lib/html.ts';
import { confirmPaymentIntent } from '../../services/operations/confirm-payment-intent.ts';
import { retrieveLogo } from '../../services/operations/retrieve-logo.ts';
import { showPaymentPage } from '../../services/operations/show-payment-page.ts';
import { accentStyle } from '../../web/checkout/accent.ts';
import { findAsset } from '../../web/checkout/assets.ts';
import { pageHeaders } from '../../web/checkout/headers.ts';
import { pagePath } from '../../web/checkout/links.ts';
import { renderPaymentPage } from '../../web/checkout/page.ts';
import { chooseLanguage, languageOf } from '../../web/checkout/texts.ts';
import { viewPayment } from '../../web/checkout/view.ts';
import { actorOf, requireMerchantId } from '../caller.ts';
import type { Handlers } from '../openapi/contract.ts';
import { presentQrSvg } from '../presenters/qr.ts';

const KEEP_FOR_EVER = 'public, max-age=31536000, immutable';
/** The image comes from a merchant's server: opened by itself it may do nothing. */
const LOGO_HEADERS = {
  'Cache-Control': KEEP_FOR_EVER,
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
};

export const paymentPageHandlers = {
  async showPaymentPage({ deps, caller, path, query, paymentToken = '', languages }) {
    const shown = await showPaymentPage(deps, {
      merchantId: requireMerchantId(caller),
      intentId: path.id,
      known: caller.kind === 'payer' ? caller.payment : undefined,
    });
    const view = viewPayment(shown, {
      language: chooseLanguage(query.lang, languages),
      display: query.display,
      paymentToken,
      isSandbox: deps.isSandbox,
    });
    return {
      status: 200,
      type: 'text/html',
      content: renderPaymentPage(view, view.code && (await presentQrSvg(view.code.qrContent))),
      headers: pageHeaders(shown.shop.checkoutFrameAncestors, accentStyle(shown.shop.branding?.accentColor)),
    };
  },

  async confirmOnPaymentPage({ deps, caller, path, query, paymentToken }) {
    const input = {
      merchantId: requireMerchantId(caller),
      intentId: path.id,
      actor: actorOf(caller),
      paymentMethodType: 'qr_mpm',
      provider: undefined,
    } as const;
    await confirmPaymentIntent(deps, input).catch(ignoreWhatPageShows);
    const { lang, display } = query;
    const location = pagePath({ id: path.id, paymentToken, language: languageOf(lang), display });
    return {
      status: 303,
      type: 'text/html',
      content: html`<a href="${location}">${location}</a>`.text,
      headers: { ...pageHeaders([]), Location: location },
    };
  },

  async getPaymentPageAsset({ path }) {
    const { type, content, isCurrent } = findAsset(path.file);
    const headers = {
      'Cache-Control': isCurrent ? KEEP_FOR_EVER : 'no-store',
      'X-Content-Type-Options': 'nosniff',
    };
    return { status: 200, type, content, headers };
  },

  async retrieveLogo({ deps, path }) {
    const { type, content } = await retrieveLogo(deps, path.file);
    return { status: 200, type, content, headers: LOGO_HEADERS };
  },
} satisfies Partial<Handlers>;

/** Reasons for which a confirm has to wait while the payment proceeds. */
const WAIT_REASONS: ReadonlySet<unknown> = new Set(['in_progress', 'code_still_open']);

/** The page itself shows a payment that has ended, is in doubt or proceeds, so these are not errors here. */
function ignoreWhatPageShows(error: unknown): void {
  if (!(error instanceof DomainError)) {
    throw error;
  }
  const { code, details } = error;
  const isShownByPage =
    code === 'provider_error' ||
    details.constraint === 'unexpected_state' ||
    WAIT_REASONS.has(details.reason);
  if (!isShownByPage) {
    throw error;
  }
}
