/**
 * Links to the payment page and to its form. They contain the payment_token, because without a script it has no other
 * way to the server; with a script it is removed from the address bar.
 */
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

function queryOf({ paymentToken, language, display }: PageAddress): string {
  const query = new URLSearchParams({
    ...(paymentToken !== undefined && { payment_token: paymentToken }),
    ...(language !== undefined && { lang: language }),
    ...(display !== undefined && { display }),
  });
  return query.size === 0 ? '' : `?${query}`;
}
