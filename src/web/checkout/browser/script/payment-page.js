/**
 * The script of the payment page: takes the token out of the address bar, shows the QR without a click, counts down,
 * and shows every change of the payment. It has no texts and no markup: every state is a page of the server, whose
 * <main> replaces the present one.
 */
import { isConnectionLost } from './connection.js';
import { setClock, updateCountdown } from './countdown.js';
import { unfoldQr } from './device.js';
import { countVisit, onSubmit, retryNow, scheduleAutoForm } from './forms.js';
import { updateClock } from './live-clock.js';
import { pageUrl, token } from './session.js';
import { isReceipt, main } from './state.js';
import { adjustUpdates, poll, schedulePoll, startUpdates, stopUpdates } from './updates.js';
import { isVisiting, onVisited, visit } from './visit.js';

if (token) {
  start();
}

function start() {
  onVisited((visited) => {
    countVisit(visited);
    if (visited.isNew) {
      adjustUpdates();
      showPrintButton();
      updateCountdown();
      updateClock();
    }
    scheduleAutoForm();
    schedulePoll();
  });
  document.addEventListener('submit', onSubmit);
  document.addEventListener('click', onClick);
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', onOnline);
  addEventListener('offline', () => void poll());
  setInterval(tick, 1_000);
  const present = main();
  if (present) {
    setClock(present);
    unfoldQr(present);
  }
  showPrintButton();
  tick();
  scheduleAutoForm();
  if (!document.hidden) {
    startUpdates();
  }
}

/** Printing needs a script, so the server sends its button hidden. */
function showPrintButton() {
  for (const button of document.querySelectorAll('main [data-print]')) {
    button.removeAttribute('hidden');
  }
}

/** Once a second: the clock, the time that is left, and after its end the next code. */
function tick() {
  updateClock();
  if (updateCountdown() && !isConnectionLost() && !isVisiting() && !document.hidden) {
    void visit(pageUrl());
  }
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (event.target instanceof Element && event.target.closest('[data-print]')) {
    print();
  }
}

function onOnline() {
  retryNow();
  void poll();
}

/** A hidden page makes no requests; a page that is shown again, for example after the payer's app, updates at once. */
function onVisibility() {
  if (document.hidden) {
    return stopUpdates();
  }
  scheduleAutoForm();
  if (isReceipt()) {
    return void poll();
  }
  startUpdates();
}
