/**
 * Takes screenshots of the payment page and of the console for visual review: every state on every screen, light and dark, in both
 * languages, and writes index.html, which shows them side by side. Needs Chromium, and fonts-noto-cjk for Japanese.
 *
 *   npm run screenshots -- <folder> [words that the names must contain; those of the console begin with console]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startChromium, type TestBrowser } from '../test/support/chromium.ts';
import { consolePictures, takeConsole } from './screenshots/console.ts';
import { fileOf, type Picture, renderOverview } from './screenshots/overview.ts';
import { ERRORS, startSampleServer } from './screenshots/sample-server.ts';
import { SAMPLES } from './screenshots/samples.ts';

const TOUCH = { isMobile: true, hasTouch: true } as const;

/** A phone and a tablet have no pointer and no hover, as the page's layout by device needs it. */
const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
  phone: { ...TOUCH, viewport: { width: 390, height: 844 } },
  'phone-sideways': { ...TOUCH, viewport: { width: 844, height: 390 } },
  tablet: { ...TOUCH, viewport: { width: 820, height: 1180 } },
  'tablet-sideways': { ...TOUCH, viewport: { width: 1180, height: 820 } },
  desktop: { viewport: { width: 1280, height: 800 } },
  till: { viewport: { width: 1024, height: 600 } },
  'till-upright': { viewport: { width: 768, height: 1024 } },
  print: { viewport: { width: 794, height: 1123 } },
};
const PRINTED = /^(paid|refund|partly)/;

const [folder = 'screenshots', ...words] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const isWanted = (picture: Picture) => words.every((word) => fileOf(picture).includes(word));
const server = await startSampleServer();
const browser = await startChromium();
const windows = new Map<string, Page>();
try {
  const wanted = pictures().filter(isWanted);
  for (const picture of wanted) {
    await take(browser, picture);
  }
  const ofConsole = consolePictures().filter(isWanted);
  await takeConsole(browser, folder, ofConsole);
  await writeFile(join(folder, 'index.html'), renderOverview([...wanted, ...ofConsole]));
} finally {
  await browser.close();
  server.close();
}

/** In the order of the overview. */
function pictures(): Picture[] {
  return ['ja', 'en'].flatMap((lang) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      [...Object.keys(SAMPLES), ...Object.keys(ERRORS)].flatMap((state) =>
        Object.keys(SCREENS)
          .filter((screen) => screen !== 'print' || (PRINTED.test(state) && colorScheme === 'light'))
          .map((screen) => ({ state, screen, lang, colorScheme })),
      ),
    ),
  );
}

/** Opens a window for each screen and colour scheme once, because opening takes longer than taking a picture. */
async function take({ open }: TestBrowser, picture: Picture): Promise<void> {
  const { state, screen, lang, colorScheme } = picture;
  const display = screen.startsWith('till') ? '&display=till' : '';
  const url = `${server.url}/pay/${state}?payment_token=x&lang=${lang}${display}`;
  const key = `${screen} ${colorScheme}`;
  const page = windows.get(key) ?? (await open(url, { ...SCREENS[screen], colorScheme })).page;
  windows.set(key, page);
  await page.goto(url);
  await page.emulateMedia({ media: screen === 'print' ? 'print' : null });
  await page.screenshot({
    path: join(folder, fileOf(picture)),
    fullPage: screen === 'phone',
    animations: 'disabled',
  });
}
