/**
 * Submits the forms of the page: those that the payer submits, and without a click the one that shows the first QR, the
 * next QR, or retries after a temporary error.
 */
import { retryDelay } from './connection.js';
import { setBusy } from './notices.js';
import { autoForm, state } from './state.js';
import { visit } from './visit.js';

/** Automatic submissions in a row before the page waits for a click. */
const MAX_AUTOMATIC = 8;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let automatic = 0;
/** Visits in a row without a response, or with a temporary error. */
let failedVisits = 0;

/** @param {import('./visit.js').Visit} visited */
export function countVisit({ method, hasResponse, isTemporary, isNew }) {
  failedVisits = isTemporary ? failedVisits + 1 : 0;
  if (isNew && state() === 'scan') {
    automatic = 0;
  } else if (method === 'POST' && hasResponse) {
    // Temporary errors slow the page down but never make it wait for a click, because nobody can click on a till's display.
    automatic = isTemporary ? Math.min(automatic + 1, MAX_AUTOMATIC - 1) : automatic + 1;
  }
}

/** Submits the automatic form, if there is one, after its delay. */
export function scheduleAutoForm() {
  clearTimeout(timer);
  const form = autoForm();
  if (!form || document.hidden) {
    return;
  }
  const sent = form.method === 'post' ? automatic : 0;
  if (sent >= MAX_AUTOMATIC) {
    return;
  }
  // The first two at once, then with growing delays, because a failing server needs time to recover.
  const afterMs = 1_000 * (Number(form.dataset['auto']) + (sent < 2 ? 0 : 2 ** (sent - 1)));
  timer = setTimeout(
    () => void submit(form),
    Math.max(afterMs, failedVisits > 0 ? retryDelay(failedVisits) : 0),
  );
}

/** Does not wait for the end of the back-off. */
export function retryNow() {
  failedVisits = 0;
  scheduleAutoForm();
}

/** @param {SubmitEvent} event */
export function onSubmit(event) {
  if (!(event.target instanceof HTMLFormElement)) {
    return;
  }
  event.preventDefault();
  automatic = 0;
  void submit(event.target);
}

/** @param {HTMLFormElement} form */
async function submit(form) {
  setBusy(true);
  if (form.method === 'post') {
    return visit(form.action, 'POST');
  }
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    query.set(name, String(value));
  }
  return visit(`${form.action}?${query}`);
}
