// Reloads a page with data-reload every 30 seconds while it is visible, until 20 minutes after it was last used. Without that end
// a page that nobody looks at would keep its session alive.
if (document.querySelector('[data-reload]')) {
  const EVERY_MS = 30_000;
  const LAST_MS = 20 * 60_000;
  const KEY = 'pgw-last-used';
  const used = () => sessionStorage.setItem(KEY, String(Date.now()));
  const [navigation] = performance.getEntriesByType('navigation');
  if (!(navigation instanceof PerformanceNavigationTiming) || navigation.type !== 'reload') {
    used();
  }
  for (const type of ['pointerdown', 'keydown', 'wheel']) {
    addEventListener(type, used, { passive: true });
  }
  setInterval(() => {
    const isInUse = Date.now() - Number(sessionStorage.getItem(KEY)) < LAST_MS;
    const isRead = document.querySelector('main details[open]') !== null;
    if (document.visibilityState === 'visible' && isInUse && !isRead) {
      location.reload();
    }
  }, EVERY_MS);
}
