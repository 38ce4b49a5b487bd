/**
 * Which payment this page is for: its id, its payment_token, and the addresses that need them.
 */
import { main } from './state.js';

const id = location.pathname.split('/')[2] ?? '';
const storageKey = `payment_token:${id}`;
const params = new URLSearchParams(location.search);

export const token = takeToken();

/**
 * Moves the token from the address bar, where it could be seen, stored and shared, to this tab's session storage. After
 * a reload the address no longer has it, the server responds with an error, and the page is requested again with it.
 */
function takeToken() {
  const given = params.get('payment_token');
  params.delete('payment_token');
  const address = `${location.pathname}${String(params) === '' ? '' : `?${params}`}`;
  try {
    if (given !== null) {
      sessionStorage.setItem(storageKey, given);
      history.replaceState(history.state, '', address);
      return given;
    }
    const stored = sessionStorage.getItem(storageKey);
    if (stored !== null && main()?.dataset['state'] === 'error') {
      location.replace(pageUrl(stored));
    }
    return undefined;
  } catch {
    // Without storage the token stays in the address, because a reload would lose it.
    return given ?? undefined;
  }
}

export function pageUrl(paymentToken = token ?? '') {
  const query = new URLSearchParams(params);
  query.set('payment_token', paymentToken);
  return `/pay/${id}?${query}`;
}

export function statusUrl() {
  return `/v1/payment_intents/${id}?payment_token=${encodeURIComponent(token ?? '')}`;
}

export function streamUrl() {
  return `/v1/payment_intents/${id}/events?payment_token=${encodeURIComponent(token ?? '')}`;
}
