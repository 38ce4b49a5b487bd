/**
 * What the page says besides its state: texts of the live regions, and a button that is busy.
 */

/**
 * @param {'connection' | 'announcement'} place id of the live region
 * @param {string} text
 */
export function say(place, text) {
  const element = document.getElementById(place);
  if (element) {
    element.textContent = text;
  }
}

/** @param {boolean} isBusy */
export function setBusy(isBusy) {
  const button = document.querySelector('main form button');
  if (!(button instanceof HTMLButtonElement)) {
    return;
  }
  button.setAttribute('aria-disabled', String(isBusy));
  const { busy, idle } = button.dataset;
  if (isBusy && busy !== undefined) {
    button.dataset['idle'] ??= button.textContent ?? '';
    button.textContent = busy;
  } else if (!isBusy && idle !== undefined) {
    button.textContent = idle;
  }
}
