/**
 * Requests a page of the server and replaces the present <main> with its <main>, one request at a time.
 */
import { requestFailed, requestSucceeded } from './connection.js';
import { setClock } from './countdown.js';
import { unfoldQr } from './device.js';
import { say, setBusy } from './notices.js';
import { main, state } from './state.js';

/** @typedef {'GET' | 'POST'} Method */

/**
 * How a visit ended.
 * - `hasResponse`: the server responded with a page
 * - `isTemporary`: there was no response, or an error that a retry may clear
 * - `isNew`: the page was not shown already
 * @typedef {{ method: Method, hasResponse: boolean, isTemporary: boolean, isNew: boolean }} Visit
 */

/** @type {(visit: Visit) => void} */
let afterVisit = () => {};
let isRunning = false;
/**
 * The visit to make after the running one.
 * @type {{ url: string, method: Method } | undefined}
 */
let queued;

/** @param {(visit: Visit) => void} listener called after every visit */
export function onVisited(listener) {
  afterVisit = listener;
}

export function isVisiting() {
  return isRunning;
}

/**
 * @param {string} url
 * @param {Method} [method]
 */
export async function visit(url, method = 'GET') {
  if (isRunning) {
    // A POST is what the payer asked for, so a refresh does not replace it.
    if (queued?.method !== 'POST') {
      queued = { url, method };
    }
    return;
  }
  isRunning = true;
  const visited = await load(url, method);
  isRunning = false;
  setBusy(false);
  afterVisit(visited);
  if (!queued) {
    return;
  }
  const next = queued;
  queued = undefined;
  await visit(next.url, next.method);
}

/**
 * @param {string} url
 * @param {Method} method
 * @returns {Promise<Visit>}
 */
async function load(url, method) {
  try {
    const response = await fetch(url, { method, cache: 'no-store', headers: { Accept: 'text/html' } });
    const isTemporary = response.status === 429 || response.status >= 500;
    // A refresh does not replace a live QR with a temporary error; a POST always shows its result.
    if (isTemporary && method === 'GET' && state() !== 'error') {
      throw new Error(`status ${response.status}`);
    }
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.querySelector('main');
    if (!fresh) {
      throw new Error('the response is not a page of the gateway');
    }
    requestSucceeded();
    return { method, hasResponse: true, isTemporary, isNew: show(fresh, page) };
  } catch {
    requestFailed();
    return { method, hasResponse: false, isTemporary: true, isNew: false };
  }
}

/**
 * @param {HTMLElement} fresh
 * @param {Document} page
 * @returns whether it differs from what was shown
 */
function show(fresh, page) {
  const present = main();
  if (!present) {
    return false;
  }
  setClock(fresh);
  if (fresh.dataset['key'] === present.dataset['key'] && fresh.dataset['state'] !== 'error') {
    return false;
  }
  if (present.dataset['state'] === 'error') {
    replaceFrame(page);
  }
  unfoldQr(fresh, present);
  const hadFocus = present.contains(document.activeElement);
  present.replaceWith(document.adoptNode(fresh));
  document.title = page.title;
  const title = fresh.querySelector('h1');
  if (hadFocus) {
    title?.focus();
  }
  // biome-ignore lint/performance/useDomNodeTextContent: textContent has the wordings for all devices
  say('announcement', title?.innerText ?? '');
  return true;
}

/**
 * After an error page: it knew neither the shop nor whether this is a test.
 * @param {Document} page
 */
function replaceFrame(page) {
  for (const name of ['#test', 'header', 'footer']) {
    const fresh = page.querySelector(name);
    if (fresh) {
      document.querySelector(name)?.replaceWith(document.adoptNode(fresh));
    }
  }
}
