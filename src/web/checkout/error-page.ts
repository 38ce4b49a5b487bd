/**
 * The page that the payer sees when the payment page cannot be shown: what happened, in plain words, and what to do.
 */
import type { DomainError, ErrorCode } from '../../domain/errors.ts';
import { html } from '../../lib/html.ts';
import { WARNING } from './icons.ts';
import { renderAdvice, renderLayout } from './layout.ts';
import { type PageAddress, pagePath } from './links.ts';
import { breakable } from './phrases.ts';
import type { ErrorKind, Language } from './texts/types.ts';
import { TEXTS } from './texts.ts';

const KINDS: Readonly<Record<ErrorCode, ErrorKind>> = {
  invalid_request: 'link',
  unauthorized: 'link',
  invalid_token: 'link',
  forbidden: 'link',
  not_found: 'unknown',
  method_not_allowed: 'method',
  idempotency_conflict: 'busy',
  cursor_expired: 'fault',
  payload_too_large: 'fault',
  unsupported_media_type: 'fault',
  rate_limit_exceeded: 'busy',
  internal_error: 'fault',
  provider_error: 'unavailable',
  provider_unavailable: 'unavailable',
  service_unavailable: 'busy',
};

/** Fields that depend on the shop's settings, not on the link. */
const SETTINGS: ReadonlySet<unknown> = new Set(['provider', 'currency', 'payment_method_type']);
/** Errors that a retry may clear; the script retries by itself. */
const TEMPORARY: ReadonlySet<ErrorKind> = new Set(['busy', 'unavailable', 'fault']);
const RETRY_AFTER_MS = 5_000;

/** @param address of the requested page, as far as it is known */
export function renderErrorPage(error: DomainError, address: PageAddress & { language: Language }): string {
  const texts = TEXTS[address.language];
  const kind = SETTINGS.has(error.details.field) ? 'request' : KINDS[error.code];
  const { title, hint } = texts.errors[kind];
  const seconds = Math.ceil((error.retryAfterMs ?? RETRY_AFTER_MS) / 1000);
  const retry = html`<form method="get" action="${pagePath({ ...address, paymentToken: undefined, language: undefined, display: undefined })}" data-auto="${seconds}">
<input type="hidden" name="payment_token" value="${address.paymentToken}">
<input type="hidden" name="lang" value="${address.language}">
${address.display !== undefined && html`<input type="hidden" name="display" value="${address.display}">`}
<button>${texts.tryAgain}</button>
</form>`;
  return renderLayout({
    language: address.language,
    display: address.display,
    title,
    linkTo: (language) => pagePath({ ...address, language }),
    head: undefined,
    foot: undefined,
    main: html`<main data-state="error" data-version="error" data-key="error|${kind}">
<section class="state">
${WARNING}
<h1 tabindex="-1">${breakable(title)}</h1>
${address.display === 'till' ? renderAdvice(texts.till.errorAdvice[kind], texts) : html`<p class="hint">${breakable(hint)}</p>`}
${TEMPORARY.has(kind) && address.paymentToken !== undefined && retry}
</section>
</main>`,
  });
}
