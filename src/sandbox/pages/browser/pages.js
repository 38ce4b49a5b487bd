/**
 * The script of the sandbox's pages: times of the reader's own zone, what changes while the page is open, forms that keep the
 * history of the browser, and the way back. Without it, everything works by loading the page again.
 */
const REFRESH_MS = 2_000;
const MAX_REFRESH_MS = 30_000;
/** A page that is forgotten in a tab stops after an hour; showing it again continues. */
const MAX_REFRESHES = 1_800;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The last HTML of each live part as the server sent it, by the id of its element. */
const received = new Map();
let refreshes = 0;
let pauseMs = REFRESH_MS;
let timer = 0;

/** @param {ParentNode} root */
function showLocalTimes(root) {
  for (const element of root.querySelectorAll('time[data-local]')) {
    const iso = element.getAttribute('datetime') ?? '';
    const at = new Date(iso);
    const isToday = at.toDateString() === new Date().toDateString();
    element.textContent = (isToday ? time : dateAndTime).format(at);
    element.setAttribute('title', iso);
  }
}

/** Whether somebody is filling in a form of a part, which must not be replaced then. @param {Element} part */
function isInUse(part) {
  const inputs = [...part.querySelectorAll('input')].filter(({ type }) => type !== 'hidden');
  const selects = [...part.querySelectorAll('select')];
  return (
    [...inputs, ...selects].some((field) => field === document.activeElement) ||
    inputs.some(({ value }) => value !== '') ||
    selects.some(({ selectedIndex }) => selectedIndex > 0)
  );
}

/**
 * Replaces the parts that have changed.
 * @param {string} html a complete page
 * @param {string} parts a selector
 */
function apply(html, parts) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const part of document.querySelectorAll(parts)) {
    const next = page.getElementById(part.id)?.innerHTML ?? '';
    if (next === received.get(part.id) || isInUse(part)) {
      continue;
    }
    received.set(part.id, next);
    const open = [...part.querySelectorAll('details[open]')].map((details) => details.id);
    part.innerHTML = next;
    for (const id of open) {
      document.getElementById(id)?.setAttribute('open', '');
    }
    showLocalTimes(part);
  }
}

async function refresh() {
  refreshes += 1;
  try {
    const response = await fetch(location.pathname + location.search, { cache: 'no-store' });
    // The result of a form stays until the next one.
    apply(await response.text(), '[data-live]:not(#notice)');
    pauseMs = REFRESH_MS;
  } catch {
    // The sandbox is being started again, perhaps.
    pauseMs = Math.min(pauseMs * 2, MAX_REFRESH_MS);
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  if (!document.hidden && refreshes < MAX_REFRESHES) {
    timer = window.setTimeout(refresh, pauseMs);
  }
}

/** Sends a form without a new entry in the history, so that one step back leads to where the payer came from. */
async function send(/** @type {HTMLFormElement} */ form) {
  const fields = /** @type {[string, string][]} */ ([...new FormData(form)]);
  const buttons = form.querySelectorAll('button');
  for (const button of buttons) {
    button.disabled = true;
  }
  try {
    const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams(fields) });
    const html = await response.text();
    form.reset();
    apply(html, '[data-live]');
    document.getElementById('notice')?.scrollIntoView({ block: 'nearest' });
  } catch {
    form.submit();
  } finally {
    for (const button of buttons) {
      button.disabled = false;
    }
  }
}

/** Offers the step back to a payer who came from another page, such as the payment page, and not from the list. */
function offerWayBack() {
  const back = document.getElementById('back');
  const cameFromHere = document.referrer.startsWith(location.origin);
  if (back && history.length > 1 && !cameFromHere) {
    back.hidden = false;
    back.querySelector('button')?.addEventListener('click', () => history.back());
  }
}

for (const part of document.querySelectorAll('[data-live]')) {
  received.set(part.id, part.innerHTML);
}
showLocalTimes(document);
offerWayBack();
document.addEventListener('submit', (event) => {
  event.preventDefault();
  void send(/** @type {HTMLFormElement} */ (event.target));
});
document.addEventListener('visibilitychange', () => {
  refreshes = 0;
  plan();
});
plan();
