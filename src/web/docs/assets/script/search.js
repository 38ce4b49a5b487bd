/**
 * The search: a dialog that opens with the button, with `/` or with Ctrl+K. It loads the search library and what can be
 * found when it is used for the first time, and finds words by their beginning, with small typing mistakes. Japanese has no
 * spaces between words, so there each pair of neighbouring characters counts as a word.
 */

/** @typedef {{ id: number, kind: 'guide' | 'operation' | 'section', title: string, context: string, text: string, href: string }} Entry */
/** @typedef {{ search(query: string, options?: object): (Entry & { terms: string[] })[] }} Index */

const dialog = document.querySelector('dialog');
const opener = document.querySelector('.search-button');
const input = dialog?.querySelector('input');
const results = dialog?.querySelector('.search-results');
const status = dialog?.querySelector('.search-status');

/** How many results of each kind are shown, in the order of the kinds. */
const SHOWN = /** @type {const} */ ([
  ['guide', 5],
  ['operation', 6],
  ['section', 10],
]);
const EXCERPT = 140;

const JAPANESE = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー々';
const WORD = new RegExp(`[${JAPANESE}]+|[\\p{Script=Latin}\\p{N}]+`, 'gu');
const IS_JAPANESE = new RegExp(`^[${JAPANESE}]`, 'u');

/** @param {string} text */
function wordsOf(text) {
  return (text.normalize('NFKC').match(WORD) ?? []).flatMap((word) =>
    IS_JAPANESE.test(word) && word.length > 1
      ? [...word].slice(1).map((character, index) => `${word[index]}${character}`)
      : [word],
  );
}

/**
 * For the index, also the parts of names such as createPaymentIntent.
 * @param {string} text
 */
function indexedWordsOf(text) {
  return wordsOf(text).flatMap((word) => {
    const parts = word.split(/(?<=[a-z0-9])(?=[A-Z])/);
    return parts.length > 1 ? [word, ...parts] : [word];
  });
}

/** @type {Promise<Index> | undefined} */
let loading;

/** @param {DOMStringMap} files */
async function load(files) {
  const [{ default: MiniSearch }, response] = await Promise.all([
    import(files['library'] ?? ''),
    fetch(files['index'] ?? ''),
  ]);
  if (!response.ok) {
    throw new Error(`the index: ${response.status}`);
  }
  /** @type {Omit<Entry, 'id'>[]} */
  const entries = await response.json();
  const index = new MiniSearch({
    fields: ['title', 'context', 'text'],
    storeFields: ['kind', 'title', 'context', 'text', 'href'],
    tokenize: indexedWordsOf,
    searchOptions: {
      tokenize: wordsOf,
      boost: { title: 5, context: 2 },
      prefix: true,
      fuzzy: (/** @type {string} */ word) => (word.length > 4 && !IS_JAPANESE.test(word) ? 0.2 : false),
    },
  });
  index.addAll(entries.map((entry, id) => ({ ...entry, id })));
  return index;
}

/** @returns the loaded index; a failed attempt is repeated at the next use */
function openIndex() {
  loading ??= load(dialog?.dataset ?? {}).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function update() {
  const query = input?.value.trim() ?? '';
  if (query === '') {
    show([], '');
    return;
  }
  try {
    const index = await openIndex();
    // Another query may have been typed while the index was loading.
    if (query !== input?.value.trim()) {
      return;
    }
    const all = index.search(query, { combineWith: 'AND' });
    const found = all.length > 0 ? all : index.search(query);
    const none = dialog?.dataset['none']?.replace('{query}', query) ?? '';
    const count = dialog?.dataset['count']?.replace('{count}', String(found.length)) ?? '';
    show(found, found.length === 0 ? none : count);
  } catch {
    show([], dialog?.dataset['failed'] ?? '');
  }
}

/**
 * @param {(Entry & { terms: string[] })[]} found
 * @param {string} message
 */
function show(found, message) {
  const groups = SHOWN.map(([kind, count]) => {
    const ofKind = found.filter((entry) => entry.kind === kind).slice(0, count);
    return ofKind.length === 0 ? [] : [element('h2', dialog?.dataset[kind] ?? ''), listOf(ofKind)];
  });
  results?.replaceChildren(...groups.flat());
  if (status) {
    status.textContent = message;
  }
}

/** @param {(Entry & { terms: string[] })[]} entries */
function listOf(entries) {
  const list = document.createElement('ul');
  for (const entry of entries) {
    const link = document.createElement('a');
    link.href = entry.href;
    link.append(element('strong', entry.title), element('span', entry.context));
    if (entry.kind === 'section') {
      link.append(element('small', excerptOf(entry)));
    }
    const item = document.createElement('li');
    item.append(link);
    list.append(item);
  }
  return list;
}

/**
 * The text around the first word that was found.
 * @param {Entry & { terms: string[] }} entry
 */
function excerptOf({ text, terms }) {
  const places = terms.map((term) => text.toLowerCase().indexOf(term)).filter((place) => place >= 0);
  const start = Math.max(0, Math.min(...places, text.length) - 40);
  const from = places.length === 0 ? 0 : start;
  return `${from > 0 ? '…' : ''}${text.slice(from, from + EXCERPT)}${from + EXCERPT < text.length ? '…' : ''}`;
}

/**
 * @param {string} tag
 * @param {string} text
 */
function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** @param {number} step 1 for the next result, -1 for the one before, which of the first is the input */
function move(step) {
  /** @type {Element[]} */
  const links = [...(results?.querySelectorAll('a') ?? [])];
  const current = document.activeElement ? links.indexOf(document.activeElement) : -1;
  const next = current + step;
  if (next < 0) {
    input?.focus();
  } else {
    const link = links[Math.min(next, links.length - 1)];
    if (link instanceof HTMLElement) {
      link.focus();
    }
  }
}

function open() {
  if (dialog && !dialog.open) {
    dialog.showModal();
    input?.select();
    openIndex().catch(() => undefined);
  }
}

if (dialog && opener instanceof HTMLElement) {
  opener.hidden = false;
  opener.addEventListener('click', open);
  addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    const isShortcut = event.key === 'k' && (event.ctrlKey || event.metaKey);
    if (isShortcut || (event.key === '/' && !isTyping)) {
      event.preventDefault();
      open();
    }
  });
  dialog.addEventListener('keydown', (event) => {
    if (event.isComposing) {
      return;
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && event.target === input) {
      event.preventDefault();
      results?.querySelector('a')?.click();
    }
  });
  dialog.addEventListener('click', ({ target }) => {
    // A click beside the dialog, or on a result, which may be on this page.
    if (target === dialog || (target instanceof Element && target.closest('a'))) {
      dialog.close();
    }
  });
  input?.addEventListener('input', update);
}
