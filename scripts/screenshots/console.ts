/**
 * Screenshots of the console: every page with samples, signed in as an operator who may do everything.
 */
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { connect } from '../../src/store/db/knex.ts';
import { migrate } from '../../src/store/db/migrate.ts';
import type { TestBrowser } from '../../test/support/chromium.ts';
import { CONSOLE_PAGES, signedInAs } from '../../test/support/console-pages.ts';
import { type ConsoleSamples, startConsoleSamples } from '../../test/support/console-samples.ts';
import { openTemporaryPostgres } from '../temporary-postgres.ts';
import { fileOf, type Picture } from './overview.ts';

const POOL = 10;

/** In this order in the overview. */
const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
  phone: { isMobile: true, hasTouch: true, viewport: { width: 390, height: 844 } },
  tablet: { isMobile: true, hasTouch: true, viewport: { width: 768, height: 1024 } },
  desktop: { viewport: { width: 1280, height: 800 } },
  wide: { viewport: { width: 1600, height: 1000 } },
};
const PREFIX = 'console-';

export function consolePictures(): Picture[] {
  return ['ja', 'en'].flatMap((lang) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      CONSOLE_PAGES.flatMap(({ name }) =>
        Object.keys(SCREENS).map((screen) => ({ state: PREFIX + name, screen, lang, colorScheme })),
      ),
    ),
  );
}

/** Nothing is started for no pictures. */
export async function takeConsole(
  browser: TestBrowser,
  folder: string,
  pictures: readonly Picture[],
): Promise<void> {
  if (pictures.length === 0) {
    return;
  }
  const server = await openTemporaryPostgres();
  const db = connect(server.url, { poolMax: POOL });
  try {
    await migrate(db);
    const samples = await startConsoleSamples({
      url: server.url,
      db,
      connect: (poolMax = POOL) => connect(server.url, { poolMax }),
      drop: async () => undefined,
    });
    await takeAll(browser, folder, pictures, samples);
    await samples.close();
  } finally {
    await db.destroy();
    await server.remove();
  }
}

/** Opens a window for each screen, language and colour scheme once, because opening takes longer than taking a picture. */
async function takeAll(
  { open }: TestBrowser,
  folder: string,
  pictures: readonly Picture[],
  samples: ConsoleSamples,
): Promise<void> {
  const windows = new Map<string, Page>();
  for (const picture of pictures) {
    const { state, screen, lang, colorScheme } = picture;
    const shown = CONSOLE_PAGES.find(({ name }) => PREFIX + name === state);
    const url = samples.console.url + (shown?.path(samples) ?? '/');
    const key = `${screen} ${lang} ${colorScheme}`;
    const options = { ...SCREENS[screen], ...signedInAs(samples.admin), locale: lang, colorScheme };
    const page = windows.get(key) ?? (await open(url, options)).page;
    windows.set(key, page);
    await page.goto(url);
    if (shown?.press !== undefined) {
      await page.click(shown.press);
      await page.waitForLoadState();
    }
    await page.screenshot({ path: join(folder, fileOf(picture)), fullPage: true, animations: 'disabled' });
  }
}
