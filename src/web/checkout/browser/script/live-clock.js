/**
 * The clock of a page that shows a payment as made, by the server's time in the shop's time zone.
 */
import { serverNow } from './countdown.js';
import { main } from './state.js';

/** Once a second. */
export function updateClock() {
  const live = main()?.querySelector('.live');
  const figure = live?.querySelector('[data-clock]');
  if (!(live instanceof HTMLElement) || !figure) {
    return;
  }
  const time = formatTime(live.dataset['timeZone']);
  figure.textContent = time ?? '';
  live.hidden = time === undefined;
}

/**
 * @param {string | undefined} timeZone
 * @returns undefined when the browser does not know the time zone
 */
function formatTime(timeZone) {
  try {
    return new Date(serverNow()).toLocaleTimeString('en-GB', { timeZone });
  } catch {
    return undefined;
  }
}
