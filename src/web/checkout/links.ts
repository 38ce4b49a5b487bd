/**
 * Links to the payment page and to its form, and back to the shop. Those to the page contain the payment_token, because
 * without a script it has no other way to the server; with a script it is removed from the address bar.
 */
import type { PaymentIntent } from '../../domain/payment.ts';
import type { Language } from './texts/types.ts';

export interface PageAddress {
  readonly id: string;
  readonly paymentToken: string | undefined;
  readonly language: Language | undefined;
  readonly display: 'till' | undefined;
}

export function pagePath(address: PageAddress): string {
  return `/pay/${encodeURIComponent(address.id)}${queryOf(address)}`;
}

export function confirmPath(address: PageAddress): string {
  return `/pay/${encodeURIComponent(address.id)}/confirm${queryOf(address)}`;
}

/**
 * The shop's own address with the payment's id and status appended. Its query stays as it is, because the shop may have signed
 * it. Undefined for an address that is not https; in the sandbox, where create accepts http of this machine, it may be.
 */
export function returnLink({ id, status, returnUrl }: PaymentIntent, isSandbox: boolean): string | undefined {
  const url = returnUrl !== undefined && URL.canParse(returnUrl) ? new URL(returnUrl) : undefined;
  if (!url || !(url.protocol === 'https:' || (isSandbox && url.protocol === 'http:'))) {
    return undefined;
  }
  const added = new URLSearchParams({ payment_intent_id: id, status });
  url.search = url.search === '' ? `${added}` : `${url.search}&${added}`;
  return url.href;
}

function queryOf({ paymentToken, language, display }: PageAddress): string {
  const query = new URLSearchParams({
    ...(paymentToken !== undefined && { payment_token: paymentToken }),
    ...(language !== undefined && { lang: language }),
    ...(display !== undefined && { display }),
  });
  return query.size === 0 ? '' : `?${query}`;
}
