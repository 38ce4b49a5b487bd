/**
 * The machine's Chromium, headless, for tests of pages. Faults that a page reports in its console, by its content policy or
 * by its requests are recorded. Tests that need Chromium are skipped by name where it is not installed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { isInstalled } from './redis.ts';

const PROGRAM = ['chromium', 'chromium-browser', 'google-chrome'].find((name) =>
  isInstalled(name, '--version'),
);

/** Whether this machine has a Chromium. */
export const hasChromium = PROGRAM !== undefined;
/** Added to the title of a test that is skipped without it. */
export const needsChromium = hasChromium ? '' : ' (needs chromium)';

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

export interface WatchedPage {
  readonly page: Page;
  /**
   * Faults since the page was opened, a sentence each: errors in the console (including violations of the content policy),
   * exceptions, failed requests, requests to other origins than the page's own.
   */
  readonly faults: readonly string[];
  /** By how many pixels the page is wider than the window; 0 when it needs no horizontal scrolling. */
  overflow(): Promise<number>;
  /** The violations that axe finds, one for each element. */
  accessibilityFaults(): Promise<string[]>;
  close(): Promise<void>;
}

export interface TestBrowser {
  /** Opens an address in a new profile, without cookies or cache. */
  open(url: string, options?: BrowserContextOptions): Promise<WatchedPage>;
  close(): Promise<void>;
}

export async function startChromium(): Promise<TestBrowser> {
  if (!PROGRAM) {
    throw new Error('there is no Chromium on this machine');
  }
  const browser = await chromium.launch({
    executablePath: programPath(PROGRAM),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-component-update', '--disable-sync'],
  });
  return {
    async open(url, options = {}) {
      const context = await browser.newContext({ viewport: DESKTOP, ...options });
      const page = await context.newPage();
      const faults = watch(page, new URL(url).origin);
      await page.goto(url, { waitUntil: 'load' });
      return {
        page,
        faults,
        overflow: () =>
          page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          ),
        accessibilityFaults: () => accessibilityFaultsOf(page),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}

/** Playwright needs a path. */
function programPath(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(':');
  const found = folders.map((folder) => `${folder}/${name}`).find((path) => isInstalled(path, '--version'));
  if (!found) {
    throw new Error(`${name} is not on the PATH`);
  }
  return found;
}

function watch(page: Page, origin: string): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') {
      faults.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A navigation, or an event stream that the page closes, aborts requests without a fault.
    const reason = request.failure()?.errorText ?? 'unknown';
    if (reason !== 'net::ERR_ABORTED') {
      faults.push(`request: ${request.url()} failed: ${reason}`);
    }
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol.startsWith('http')) {
      faults.push(`foreign: ${url.href}`);
    }
  });
  return faults;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Without what passed, which takes longer to report than to check. */
const RUN_AXE = `axe.run({ resultTypes: ['violations'], preload: false }).then(({ violations }) => violations)`;

/** Runs axe through the debugger, not as a script of the page, so that the page's content policy stays in force. */
async function accessibilityFaultsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`typeof axe === 'object'`))) {
    await page.evaluate(AXE);
  }
  const violations = await page.evaluate<AxeViolation[]>(RUN_AXE);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

/** The part of axe's result that is reported here. */
interface AxeViolation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}
