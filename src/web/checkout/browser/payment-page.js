/**
 * The payment page, alive: takes the token out of the address bar, shows the QR without a click, counts down, and brings
 * the next state by itself. It knows no texts and no states' looks: every state is a page of the server, whose <main>
 * replaces the present one. What happens is heard as server-sent events and, while those do not come through, by polling.
 */

/** @typedef {{ status: string, last_payment_error?: { code: string } }} PaymentIntent */

const POLL_MS = 3_000;
const POLL_IDLE_MS = 10_000;
/** An expired payment may still turn out paid in time, but not for long. */
const POLL_EXPIRED_MS = 30_000;
const POLLS_EXPIRED = 10;
/** After a failed look; doubles. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 15_000;
/** When the server takes no stream, it is asked again after this. */
const STREAM_AGAIN_MS = 30_000;
/** Forms sent without a click before one is asked for. */
const AUTO_MOST = 8;

const id = location.pathname.split('/')[2] ?? '';
const storageKey = `payment_token:${id}`;
const params = new URLSearchParams(location.search);
const token = takeToken();

/** @type {EventSource | undefined} */
let stream;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pollTimer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let autoTimer;
let failures = 0;
let expiredPolls = 0;
let autos = 0;
/** Visits in a row without an answer, or with one that passes. */
let unanswered = 0;
let isVisiting = false;
/**
 * What was asked for during a visit, to be asked after it.
 * @type {{ url: string, method: 'GET' | 'POST' } | undefined}
 */
let next;
let isLost = false;
/** How far the server's clock is ahead of this one. */
let clockAheadMs = 0;

start();

function start() {
  if (!token) {
    return;
  }
  document.addEventListener('submit', onSubmit);
  document.addEventListener('click', onClick);
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', onOnline);
  addEventListener('offline', () => void look());
  setInterval(tick, 1_000);
  enliven();
  if (!document.hidden) {
    watch();
  }
}

/**
 * The token moves from the address bar, where it would be seen, kept and shared, into this tab's memory. After a reload
 * it is there and not in the address: the page is asked for again with it.
 */
function takeToken() {
  const given = params.get('payment_token');
  params.delete('payment_token');
  const address = `${location.pathname}${String(params) === '' ? '' : `?${params}`}`;
  try {
    if (given !== null) {
      sessionStorage.setItem(storageKey, given);
      history.replaceState(history.state, '', address);
      return given;
    }
    const kept = sessionStorage.getItem(storageKey);
    if (kept !== null && main()?.dataset['state'] === 'error') {
      location.replace(pageUrl(kept));
    }
    return undefined;
  } catch {
    // No storage: the address must keep the token, or a reload would lose it.
    return given ?? undefined;
  }
}

/** @param {string} paymentToken */
function pageUrl(paymentToken) {
  const query = new URLSearchParams(params);
  query.set('payment_token', paymentToken);
  return `/pay/${id}?${query}`;
}

function main() {
  return document.querySelector('main');
}

function state() {
  return main()?.dataset['state'] ?? 'error';
}

/** The form that is sent without a click. */
function autoForm() {
  const form = main()?.querySelector('form[data-auto]');
  return form instanceof HTMLFormElement ? form : undefined;
}

/** Whether nothing can happen any more. An error that passes has a form that asks again. */
function isOver() {
  return ['paid', 'cancelled'].includes(state()) || (state() === 'error' && !autoForm());
}

/** Whether news are on their way: neither at an end nor in place of an error, which asks again by its form. */
function isFollowed() {
  return !['paid', 'cancelled', 'expired', 'error'].includes(state());
}

// What happens

function watch() {
  if (isFollowed()) {
    openStream();
  } else {
    schedulePoll();
  }
}

function openStream() {
  const opened = new EventSource(
    `/v1/payment_intents/${id}/events?payment_token=${encodeURIComponent(token ?? '')}`,
  );
  stream?.close();
  stream = opened;
  // The first event tells the present state, so nothing is missed between the page and the stream.
  opened.addEventListener('payment_intent', (event) => {
    failures = 0;
    setConnected(true);
    clearTimeout(pollTimer);
    void consider(JSON.parse(event.data));
  });
  opened.addEventListener('error', () => {
    if (stream !== opened) {
      return;
    }
    schedulePoll(RETRY_FIRST_MS);
    if (opened.readyState === EventSource.CLOSED) {
      stream = undefined;
      setTimeout(() => {
        if (!stream && !document.hidden && isFollowed()) {
          openStream();
        }
      }, STREAM_AGAIN_MS);
    }
  });
}

function unwatch() {
  stream?.close();
  stream = undefined;
  clearTimeout(pollTimer);
}

/** @param {number} [afterMs] */
function schedulePoll(afterMs = pollDelay()) {
  clearTimeout(pollTimer);
  if (afterMs !== Infinity) {
    pollTimer = setTimeout(() => void look(), afterMs);
  }
}

function pollDelay() {
  if (document.hidden) {
    return Infinity;
  }
  if (state() === 'expired') {
    return expiredPolls < POLLS_EXPIRED ? POLL_EXPIRED_MS : Infinity;
  }
  if (!isFollowed()) {
    return Infinity;
  }
  if (failures > 0) {
    return retryDelay(failures);
  }
  if (stream?.readyState === EventSource.OPEN) {
    return Infinity;
  }
  return state() === 'scan' || state() === 'processing' ? POLL_MS : POLL_IDLE_MS;
}

/** @param {number} tries that have failed; more than none */
function retryDelay(tries) {
  return Math.min(RETRY_FIRST_MS * 2 ** (tries - 1), RETRY_MOST_MS);
}

/** Asks once how the payment stands. */
async function look() {
  clearTimeout(pollTimer);
  if (isOver()) {
    return;
  }
  if (state() === 'expired') {
    expiredPolls += 1;
  }
  try {
    const url = `/v1/payment_intents/${id}?payment_token=${encodeURIComponent(token ?? '')}`;
    const response = await fetch(url, { cache: 'no-store', headers: { Accept: 'application/json' } });
    if (response.status === 401 || response.status === 404) {
      return await visit(pageUrl(token ?? ''));
    }
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    failures = 0;
    setConnected(true);
    await consider(await response.json());
  } catch {
    failures += 1;
    setConnected(false);
  }
  schedulePoll();
}

/** @param {PaymentIntent} intent */
async function consider({ status, last_payment_error: error }) {
  if (`${status}:${error?.code ?? ''}` !== main()?.dataset['version']) {
    await visit(pageUrl(token ?? ''));
  }
}

// The next state

/**
 * Gets a page and shows its <main>.
 * @param {string} url
 * @param {'GET' | 'POST'} [method]
 */
async function visit(url, method = 'GET') {
  if (isVisiting) {
    // A wish of the payer is not lost to a mere look.
    if (next?.method !== 'POST') {
      next = { url, method };
    }
    return;
  }
  isVisiting = true;
  try {
    const response = await fetch(url, { method, cache: 'no-store', headers: { Accept: 'text/html' } });
    const isPassing = response.status === 429 || response.status >= 500;
    // A live QR does not give way to an error that passes; what the payer asked for gets its answer.
    if (isPassing && method === 'GET' && state() !== 'error') {
      throw new Error(`status ${response.status}`);
    }
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.querySelector('main');
    if (!fresh) {
      throw new Error('this is no page of the gateway');
    }
    failures = 0;
    unanswered = isPassing ? unanswered + 1 : 0;
    // A till has nobody who could click: what passes slows the page down but never makes it wait for a click.
    if (method === 'POST') {
      autos = isPassing ? Math.min(autos + 1, AUTO_MOST - 1) : autos + 1;
    }
    setConnected(true);
    show(fresh, page);
  } catch {
    failures += 1;
    unanswered += 1;
    setConnected(false);
    sendBySelf();
  } finally {
    isVisiting = false;
    setBusy(false);
  }
  schedulePoll();
  if (!next) {
    return;
  }
  const { url: nextUrl, method: nextMethod } = next;
  next = undefined;
  await visit(nextUrl, nextMethod);
}

/**
 * @param {HTMLElement} fresh
 * @param {Document} page
 */
function show(fresh, page) {
  const present = main();
  if (!present) {
    return;
  }
  setClock(fresh);
  if (fresh.dataset['key'] === present.dataset['key'] && fresh.dataset['state'] !== 'error') {
    sendBySelf();
    return;
  }
  const hadFocus = present.contains(document.activeElement);
  present.replaceWith(document.adoptNode(fresh));
  document.title = page.title;
  document.querySelector('footer')?.replaceChildren(...(page.querySelector('footer')?.childNodes ?? []));
  const title = fresh.querySelector('h1');
  if (hadFocus) {
    title?.focus();
  }
  say('news', title?.textContent ?? '');
  if (!isFollowed()) {
    unwatch();
  } else if (!stream) {
    openStream();
  }
  enliven();
}

/** What only a script can do, for the <main> that has just come. */
function enliven() {
  const present = main();
  if (!present) {
    return;
  }
  setClock(present);
  if (state() === 'scan') {
    autos = 0;
  }
  for (const button of present.querySelectorAll('[data-print]')) {
    button.removeAttribute('hidden');
  }
  tick();
  sendBySelf();
}

/** Sends the form that needs no decision: shows the first QR, the next one, or tries again what failed in passing. */
function sendBySelf() {
  clearTimeout(autoTimer);
  const form = autoForm();
  if (!form || document.hidden) {
    return;
  }
  const sent = form.method === 'post' ? autos : 0;
  if (sent >= AUTO_MOST) {
    return;
  }
  // The first ones at once, then ever slower: whoever refuses again and again is not helped by haste.
  const afterMs = 1_000 * (Number(form.dataset['auto']) + (sent < 2 ? 0 : 2 ** (sent - 1)));
  autoTimer = setTimeout(
    () => void send(form),
    Math.max(afterMs, unanswered > 0 ? retryDelay(unanswered) : 0),
  );
}

/** @param {HTMLFormElement} form */
async function send(form) {
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

/** @param {SubmitEvent} event */
function onSubmit(event) {
  if (!(event.target instanceof HTMLFormElement)) {
    return;
  }
  event.preventDefault();
  autos = 0;
  void send(event.target);
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (event.target instanceof Element && event.target.closest('[data-print]')) {
    print();
  }
}

/** Who is back on the network has not to wait for the next try. */
function onOnline() {
  unanswered = 0;
  sendBySelf();
  void look();
}

/** A page that nobody sees asks for nothing; who comes back from the app wants the truth at once. */
function onVisibility() {
  if (document.hidden) {
    return unwatch();
  }
  sendBySelf();
  watch();
}

// Time

/** @param {HTMLElement} element */
function setClock(element) {
  const now = Date.parse(element.dataset['now'] ?? '');
  if (!Number.isNaN(now)) {
    clockAheadMs = now - Date.now();
  }
}

/** Once a second: the time that is left; at its end the next code. */
function tick() {
  const present = main();
  const until = Date.parse(present?.dataset['until'] ?? '');
  if (!present || Number.isNaN(until)) {
    return;
  }
  const now = Date.now() + clockAheadMs;
  const leftMs = Math.max(until - now, 0);
  const seconds = Math.ceil(leftMs / 1_000);
  const left = present.querySelector('[data-left]');
  const figure = left?.querySelector('b');
  if (left && figure) {
    figure.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    left.removeAttribute('hidden');
    present.querySelector('[data-fixed]')?.setAttribute('hidden', '');
  }
  const bar = present.querySelector('progress');
  if (bar) {
    if (bar.hidden) {
      bar.max = Math.max(leftMs, 1);
    }
    bar.value = leftMs;
    bar.hidden = false;
  }
  if (leftMs === 0 && !isLost && !isVisiting && !document.hidden) {
    void visit(pageUrl(token ?? ''));
  }
}

// What is told

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
    setTimeout(() => !isLost && say('connection', ''), 4_000);
  }
}

/**
 * @param {string} place
 * @param {string} text
 */
function say(place, text) {
  const element = document.getElementById(place);
  if (element) {
    element.textContent = text;
  }
}

/** @param {boolean} isBusy */
function setBusy(isBusy) {
  const button = main()?.querySelector('form button');
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
