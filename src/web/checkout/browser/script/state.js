/**
 * The state that the page shows, read from its <main>, and what follows from it.
 */

export function main() {
  return document.querySelector('main');
}

export function state() {
  return main()?.dataset['state'] ?? 'error';
}

/** The form that is submitted without a click, if the state has one. */
export function autoForm() {
  const form = main()?.querySelector('form[data-auto]');
  return form instanceof HTMLFormElement ? form : undefined;
}

/** Whether the payment was made. It may still be refunded. */
export function isReceipt() {
  return ['paid', 'refund_pending', 'partly_refunded', 'refunded'].includes(state());
}

/** Whether nothing can change any more. A temporary error is not final: its form retries. */
export function isFinal() {
  return ['refunded', 'cancelled'].includes(state()) || (state() === 'error' && !autoForm());
}

/** Whether to follow the payment's status by a stream, which the server ends with the payment: not after its end, and not while an error is shown, whose form retries. */
export function isFollowed() {
  return !isReceipt() && !['cancelled', 'expired', 'error'].includes(state());
}
