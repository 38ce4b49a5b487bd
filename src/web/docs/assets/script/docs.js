/**
 * Enhances the documentation, which also works without it: copies code, switches the language of the samples, closes the
 * menu after a choice, marks the section that is being read, and opens everything for printing.
 */
const root = document.documentElement;
const texts = document.body.dataset;
const menu = document.getElementById('menu');

menu?.addEventListener('click', ({ target }) => {
  if (target instanceof Element && target.closest('a') && menu.matches(':popover-open')) {
    menu.hidePopover();
  }
});

/** The same section in the other language: its id is the same. */
for (const link of document.querySelectorAll('a.to-language')) {
  link.addEventListener('click', () => {
    if (link instanceof HTMLAnchorElement) {
      link.hash = location.hash;
    }
  });
}

/** The code blocks that are shown in the language of the reader's choice. */
const switchable = [...document.querySelectorAll('.code.switchable')];
/** @type {{ code: string, name: string }[]} */
const languages = [...(switchable[0]?.querySelectorAll('[data-code]') ?? [])].map((part) => ({
  code: part.getAttribute('data-code') ?? '',
  name: part.getAttribute('data-name') ?? '',
}));

if (languages.length > 0) {
  if (!languages.some(({ code }) => code === root.dataset['code'])) {
    root.dataset['code'] = languages[0]?.code ?? '';
  }
  for (const block of switchable) {
    addSwitch(block);
  }
}

/** @param {Element} block */
function addSwitch(block) {
  const group = document.createElement('div');
  group.className = 'switch';
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', texts['codeLanguage'] ?? '');
  for (const { code, name } of languages) {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset['code'] = code;
    button.textContent = name;
    button.setAttribute('aria-pressed', String(code === root.dataset['code']));
    button.addEventListener('click', () => chooseLanguage(code, button));
    group.append(button);
  }
  block.querySelector('.code-head span')?.replaceWith(group);
}

/**
 * Changes all samples of the page. The pressed button stays where it is on the screen, although samples above it change
 * their height.
 * @param {string} code
 * @param {HTMLElement} button
 */
function chooseLanguage(code, button) {
  const { top } = button.getBoundingClientRect();
  root.dataset['code'] = code;
  for (const each of document.querySelectorAll('.switch button')) {
    each.setAttribute('aria-pressed', String(each.getAttribute('data-code') === code));
  }
  scrollBy(0, button.getBoundingClientRect().top - top);
  try {
    localStorage.setItem('docs-code', code);
  } catch {
    // The browser stores nothing for this page: the choice is for this page only.
  }
}

// Copying needs a secure origin. Without one the button is left out, because it would do nothing.
if (navigator.clipboard) {
  for (const block of document.querySelectorAll('.code')) {
    addCopyButton(block);
  }
}

/** @param {Element} block */
function addCopyButton(block) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = texts['copy'] ?? '';
  button.addEventListener('click', async () => {
    const shown = [...block.querySelectorAll('pre')].find((code) => code.offsetParent !== null);
    await navigator.clipboard.writeText(shown?.textContent ?? '');
    button.textContent = texts['copied'] ?? '';
    setTimeout(() => {
      button.textContent = texts['copy'] ?? '';
    }, 1500);
  });
  block.querySelector('.code-head')?.append(button);
}

/**
 * A link to a collapsed part opens it. A link to a section that has moved to a page of its own, which is now a link in the
 * index, follows that link.
 */
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) {
    return;
  }
  for (let part = target; part.parentElement; part = part.parentElement) {
    if (part instanceof HTMLDetailsElement) {
      part.open = true;
    }
  }
  const moved = [...target.querySelectorAll('a')].find(
    (link) => link.hash === location.hash && link.pathname !== location.pathname,
  );
  if (moved) {
    location.replace(moved.href);
  }
}
addEventListener('hashchange', openTarget);
openTarget();

/**
 * Marks the link of the section that is being read, and keeps it visible in the navigation.
 * @param {HTMLElement} menu
 */
function followReading(menu) {
  const links = new Map([...menu.querySelectorAll('a')].map((link) => [link.hash.slice(1), link]));
  links.delete('');
  const headings = [...document.querySelectorAll('main h2[id]')].filter(({ id }) => links.has(id));
  /** @type {HTMLAnchorElement | undefined} */
  let current;
  const update = () => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
    const link = links.get(passed.at(-1)?.id ?? '');
    if (link === current) {
      return;
    }
    current?.removeAttribute('aria-current');
    link?.setAttribute('aria-current', 'true');
    current = link;
    if (link && getComputedStyle(menu).position === 'sticky') {
      const { top, bottom } = link.getBoundingClientRect();
      if (top < 80 || bottom > innerHeight - 20) {
        menu.scrollTop += top - innerHeight / 2;
      }
    }
  };
  addEventListener('scroll', () => requestAnimationFrame(update), { passive: true });
  update();
}
if (menu) {
  followReading(menu);
}

addEventListener('beforeprint', () => {
  for (const part of document.querySelectorAll('details')) {
    if (!part.open) {
      part.open = true;
      part.dataset['forPrint'] = '';
    }
  }
});
addEventListener('afterprint', () => {
  for (const part of document.querySelectorAll('details')) {
    if ('forPrint' in part.dataset) {
      part.open = false;
      delete part.dataset['forPrint'];
    }
  }
});
