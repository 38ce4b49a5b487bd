/**
 * The time that is left to pay the QR, measured by the server's clock.
 */
import { main } from './state.js';

/** From here on the page urges the payer to scan. */
const URGENT_MS = 30_000;

/** How far the server's clock is ahead of this one. */
let clockAheadMs = 0;

/** @param {HTMLElement} element whose data-now is the server's time */
export function setClock(element) {
  const now = Date.parse(element.dataset['now'] ?? '');
  if (!Number.isNaN(now)) {
    clockAheadMs = now - Date.now();
  }
}

/** The server's time, in milliseconds. */
export function serverNow() {
  return Date.now() + clockAheadMs;
}

/**
 * Shows the time that is left.
 * @returns whether a QR is shown and its time has run out
 */
export function updateCountdown() {
  const present = main();
  const until = Date.parse(present?.dataset['until'] ?? '');
  if (!present || Number.isNaN(until)) {
    return false;
  }
  const leftMs = Math.max(until - serverNow(), 0);
  present.classList.toggle('urgent', leftMs <= URGENT_MS);
  showSeconds(present, Math.ceil(leftMs / 1_000));
  const bar = present.querySelector('progress');
  if (bar) {
    if (bar.hidden) {
      bar.max = Math.max(leftMs, 1);
    }
    bar.value = leftMs;
    bar.hidden = false;
  }
  return leftMs === 0;
}

/**
 * @param {HTMLElement} present
 * @param {number} seconds
 */
function showSeconds(present, seconds) {
  const left = present.querySelector('[data-left]');
  const figure = left?.querySelector('b');
  if (left && figure) {
    figure.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    left.removeAttribute('hidden');
    present.querySelector('[data-fixed]')?.setAttribute('hidden', '');
  }
}
