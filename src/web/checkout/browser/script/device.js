/**
 * Whether the page is on the payer's own phone or tablet, which opens the provider's app, or on another screen, whose QR the
 * payer scans. The style sheet decides it by the pointer; here the platform decides where it is known, because some Android
 * browsers report a mouse that is not there, and some computers have only a touchscreen.
 */

const TOUCH = '(pointer: coarse) and (hover: none)';
/** The side, in pixels, from which on there is enough space for the app's button and the QR. */
const TABLET_SIDE = 600;

const device = deviceOf(navigator.userAgent);
document.documentElement.dataset['device'] = device;

/** @param {string} userAgent */
function deviceOf(userAgent) {
  if (/Android|iPhone|iPad|iPod/.test(userAgent)) {
    return 'own';
  }
  // An iPad says that it is a Macintosh, and a phone in desktop mode that it is a Linux computer.
  const isComputer = /Windows|CrOS/.test(userAgent);
  return !isComputer && matchMedia(TOUCH).matches ? 'own' : 'other';
}

/**
 * Whether the QR was unfolded when the page last showed one: between two QRs it shows none.
 * @type {boolean | undefined}
 */
let wasUnfolded;

/**
 * Unfolds the QR where it is what the payer needs, or where the payer has unfolded the one before.
 * @param {HTMLElement} fresh
 * @param {HTMLElement} [before]
 */
export function unfoldQr(fresh, before) {
  wasUnfolded = before?.querySelector('details')?.open ?? wasUnfolded;
  const details = fresh.querySelector('details');
  if (details) {
    const isTablet = Math.min(screen.width, screen.height) >= TABLET_SIDE;
    details.open = wasUnfolded ?? (device === 'other' || isTablet);
  }
}
