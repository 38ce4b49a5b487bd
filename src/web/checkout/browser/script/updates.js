/**
 * Follows the payment's status by server-sent events and, while those do not get through, by polling. A status that
 * differs from the shown one makes the page visit the server.
 */
import { failedRequests, requestFailed, requestSucceeded, retryDelay } from './connection.js';
import { pageUrl, statusUrl, streamUrl } from './session.js';
import { isFinal, isFollowed, isReceipt, main, state } from './state.js';
import { visit } from './visit.js';

/** @typedef {{ status: string, last_payment_error?: { code: string }, amount_refunded?: number }} PaymentIntent */

const POLL_MS = 3_000;
const POLL_IDLE_MS = 10_000;
/** An expired payment can still become paid when PayPay's report of it arrives late, but not for long. */
const POLL_EXPIRED_MS = 30_000;
const MAX_EXPIRED_POLLS = 10;
/** A paid payment can be refunded: for an hour the page finds out within a minute, and later when it is shown again. */
const POLL_PAID_MS = 60_000;
const POLL_REFUND_MS = 10_000;
const MAX_PAID_POLLS = 60;
/** When the server refuses a stream. */
const REOPEN_STREAM_MS = 30_000;

/** @type {EventSource | undefined} */
let stream;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pollTimer;
let expiredPolls = 0;
let paidPolls = 0;

export function startUpdates() {
  if (isFollowed()) {
    openStream();
  } else {
    schedulePoll();
  }
}

export function stopUpdates() {
  stream?.close();
  stream = undefined;
  clearTimeout(pollTimer);
}

/** For a new state: opens a stream if the state is followed and none is open; stops all updates if it is not followed. */
export function adjustUpdates() {
  if (!isFollowed()) {
    stopUpdates();
  } else if (!stream) {
    openStream();
  }
}

/** @param {number} [afterMs] */
export function schedulePoll(afterMs = pollDelay()) {
  clearTimeout(pollTimer);
  if (afterMs !== Infinity) {
    pollTimer = setTimeout(() => void poll(), afterMs);
  }
}

/** Reads the status once. */
export async function poll() {
  clearTimeout(pollTimer);
  if (isFinal()) {
    return;
  }
  if (state() === 'expired') {
    expiredPolls += 1;
  }
  if (isReceipt()) {
    paidPolls += 1;
  }
  try {
    const options = { cache: /** @type {const} */ ('no-store'), headers: { Accept: 'application/json' } };
    const response = await fetch(statusUrl(), options);
    if (response.status === 401 || response.status === 404) {
      // The token ends a day after the payment. The receipt stays.
      return isReceipt() ? undefined : await visit(pageUrl());
    }
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    requestSucceeded();
    await applyStatus(await response.json());
  } catch {
    // A receipt is complete without a connection.
    if (!isReceipt()) {
      requestFailed();
    }
  }
  schedulePoll();
}

function openStream() {
  const opened = new EventSource(streamUrl());
  stream?.close();
  stream = opened;
  // The first event is the present status, so no change is missed between the page and the stream.
  opened.addEventListener('payment_intent', (event) => {
    requestSucceeded();
    clearTimeout(pollTimer);
    void applyStatus(JSON.parse(event.data));
  });
  opened.addEventListener('error', () => {
    if (stream !== opened) {
      return;
    }
    schedulePoll(retryDelay(1));
    if (opened.readyState === EventSource.CLOSED) {
      stream = undefined;
      setTimeout(reopenStream, REOPEN_STREAM_MS);
    }
  });
}

function reopenStream() {
  if (!stream && !document.hidden && isFollowed()) {
    openStream();
  }
}

/**
 * Only the page of the server says whether a refund is still pending.
 * @param {PaymentIntent} intent
 */
async function applyStatus({ status, last_payment_error: error, amount_refunded: refunded = 0 }) {
  const version = `${status}:${error?.code ?? ''}:${refunded}`;
  if (version !== main()?.dataset['version'] || state() === 'refund_pending') {
    await visit(pageUrl());
  }
}

function pollDelay() {
  if (document.hidden) {
    return Infinity;
  }
  if (state() === 'expired') {
    return expiredPolls < MAX_EXPIRED_POLLS ? POLL_EXPIRED_MS : Infinity;
  }
  if (isReceipt() && !isFinal() && paidPolls < MAX_PAID_POLLS) {
    return state() === 'refund_pending' ? POLL_REFUND_MS : POLL_PAID_MS;
  }
  if (!isFollowed()) {
    return Infinity;
  }
  if (failedRequests() > 0) {
    return retryDelay(failedRequests());
  }
  // Offline, a stream can stay open without receiving anything.
  if (stream?.readyState === EventSource.OPEN && navigator.onLine) {
    return Infinity;
  }
  return state() === 'scan' || state() === 'processing' ? POLL_MS : POLL_IDLE_MS;
}
