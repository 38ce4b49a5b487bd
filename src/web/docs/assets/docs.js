/**
 * Enhances the documentation, which also works without it: copies code, closes the menu after a choice, marks the section
 * that is being read, and opens everything for printing.
 */
const menu = document.getElementById('menu');

menu?.addEventListener('click', (event) => {
  if (event.target.closest('a') && menu.matches(':popover-open')) {
    menu.hidePopover();
  }
});

// Copying needs a secure origin. Without one the button is left out, because it would do nothing.
if (navigator.clipboard) {
  for (const block of document.querySelectorAll('pre.code')) {
    addCopyButton(block);
  }
}

function addCopyButton(block) {
  const frame = document.createElement('div');
  frame.className = 'copyable';
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', 'Copy this code');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.textContent);
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  });
  block.replaceWith(frame);
  frame.append(block, button);
}

/** A link to a collapsed part opens it. */
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target; part; part = part.parentElement) {
    if (part.tagName === 'DETAILS') {
      part.open = true;
    }
  }
}
addEventListener('hashchange', openTarget);
openTarget();

/** Marks the link of the section that is being read, and keeps it visible in the navigation. */
function followReading() {
  const links = new Map(
    [...menu.querySelectorAll('a[href^="/docs/reference#"]')].map((link) => [link.hash.slice(1), link]),
  );
  const headings = [...document.querySelectorAll('main :is(h2, h3)[id]')].filter(({ id }) => links.has(id));
  const page = menu.querySelector('a[aria-current="page"]');
  let current = page;
  const update = () => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
    const link = links.get(passed.at(-1)?.id) ?? page;
    if (link === current) {
      return;
    }
    current?.removeAttribute('aria-current');
    link?.setAttribute('aria-current', link === page ? 'page' : 'true');
    if (link && getComputedStyle(menu).position === 'sticky') {
      const { top, bottom } = link.getBoundingClientRect();
      if (top < 80 || bottom > innerHeight - 20) {
        menu.scrollTop += top - innerHeight / 2;
      }
    }
    current = link;
  };
  addEventListener('scroll', () => requestAnimationFrame(update), { passive: true });
  update();
}
if (document.body.classList.contains('reference')) {
  followReading();
}

addEventListener('beforeprint', () => {
  for (const part of document.querySelectorAll('details:not([open])')) {
    part.open = true;
    part.dataset.forPrint = '';
  }
});
addEventListener('afterprint', () => {
  for (const part of document.querySelectorAll('details[data-for-print]')) {
    part.open = false;
    delete part.dataset.forPrint;
  }
});
