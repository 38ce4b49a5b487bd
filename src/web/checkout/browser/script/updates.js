/**
 * Follows the payment's status by server-sent events and, while those do not get through, by polling. A status that
 * differs from the shown one makes the page visit the server.
 */
import { failedRequests, requestFailed, requestSucceeded, retryDelay } from './connection.js';
import { pageUrl, statusUrl, streamUrl } from './session.js';
import { isFinal, isFollowed, main, state } from './state.js';
import { visit } from './visit.js';

/** @typedef {{ status: string, last_payment_error?: { code: string } }} PaymentIntent */

const POLL_MS = 3_000;
const POLL_IDLE_MS = 10_000;
/** An expired payment can still become paid when PayPay's report of it arrives late, but not for long. */
const POLL_EXPIRED_MS = 30_000;
const MAX_EXPIRED_POLLS = 10;
/** When the server refuses a stream. */
const REOPEN_STREAM_MS = 30_000;

/** @type {EventSource | undefined} */
let stream;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pollTimer;
let expiredPolls = 0;

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
  try {
    const options = { cache: /** @type {const} */ ('no-store'), headers: { Accept: 'application/json' } };
    const response = await fetch(statusUrl(), options);
    if (response.status === 401 || response.status === 404) {
      return await visit(pageUrl());
    }
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    requestSucceeded();
    await applyStatus(await response.json());
  } catch {
    requestFailed();
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

/** @param {PaymentIntent} intent */
async function applyStatus({ status, last_payment_error: error }) {
  if (`${status}:${error?.code ?? ''}` !== main()?.dataset['version']) {
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
