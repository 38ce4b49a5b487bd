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

/** Whether nothing can change any more. A temporary error is not final: its form retries. */
export function isFinal() {
  return ['paid', 'cancelled'].includes(state()) || (state() === 'error' && !autoForm());
}

/** Whether to follow the payment's status: not after its end, and not while an error is shown, whose form retries. */
export function isFollowed() {
  return !['paid', 'cancelled', 'expired', 'error'].includes(state());
}
