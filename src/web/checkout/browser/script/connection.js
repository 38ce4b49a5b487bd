/**
 * Whether the gateway can be reached: counts failed requests, and informs the payer when the connection is lost and
 * when it is back.
 */
import { say } from './notices.js';

const RETRY_FIRST_MS = 1_000;
const MAX_RETRY_MS = 15_000;
const BACK_SHOWN_MS = 4_000;

let failures = 0;
let isLost = false;

export function requestSucceeded() {
  failures = 0;
  setConnected(true);
}

export function requestFailed() {
  failures += 1;
  setConnected(false);
}

/** Failed requests in a row. */
export function failedRequests() {
  return failures;
}

export function isConnectionLost() {
  return isLost;
}

/**
 * Exponential back-off.
 * @param {number} attempts that failed in a row; at least 1
 */
export function retryDelay(attempts) {
  return Math.min(RETRY_FIRST_MS * 2 ** (attempts - 1), MAX_RETRY_MS);
}

/** @param {boolean} isConnected */
function setConnected(isConnected) {
  if (isConnected !== isLost) {
    return;
  }
  isLost = !isConnected;
  const { lost = '', back = '' } = document.body.dataset;
  document.body.classList.toggle('lost', isLost);
  say('connection', isLost ? lost : back);
  if (!isLost) {
    setTimeout(() => !isLost && say('connection', ''), BACK_SHOWN_MS);
  }
}
