/**
 * Passkeys in Chromium, with a virtual device: invitation, sign-in, proving again who one is, and what is refused.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { inviteOperator } from '../../../src/services/operator-accounts/manage.ts';
import {
  hasChromium,
  needsChromium,
  startChromium,
  type TestBrowser,
  type WatchedPage,
} from '../../support/chromium.ts';
import { startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { plugInDevice, type TestDevice } from '../../support/passkeys.ts';

let gateway: TestGateway;
let console: TestConsole;
let browser: TestBrowser;
/** How far the clock is ahead. */
let aheadMs = 0;
const MINUTE_MS = 60_000;
const wallClock: Clock = {
  ...systemClock,
  now: () => new Date(systemClock.now().getTime() + aheadMs),
};

beforeAll(async () => {
  if (!hasChromium) {
    return;
  }
  gateway = await startTestGateway();
  console = await startTestConsole({ ...gateway.deps, wallClock });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await console?.close();
  await gateway?.close();
});

const BY_COMMAND = { actor: { kind: 'command_line', id: 'test' } } as const;

/** The path of a new invitation. */
async function invite(name: string): Promise<string> {
  const unlimited = { merchantId: undefined, storeId: undefined, maxRefundAmount: undefined };
  const deps = { ...gateway.deps, wallClock };
  const { token } = await inviteOperator(deps, BY_COMMAND, {
    name,
    grants: [{ role: 'admin', ...unlimited }],
  });
  return `/invitations/${token}`;
}

/** A browser with a device, on a page of the console. */
async function open(
  path: string,
): Promise<{ watched: WatchedPage; page: WatchedPage['page']; device: TestDevice }> {
  const watched = await browser.open(`${console.url}${path}`, { locale: 'en-US' });
  return { watched, page: watched.page, device: await plugInDevice(watched.page) };
}

/** Registers a new operator, who is then signed in. */
async function register(name: string) {
  const opened = await open(await invite(name));
  await opened.page.getByRole('button', { name: 'Create a passkey' }).click();
  await opened.page.waitForURL(`${console.url}/`);
  return opened;
}

/** Faults but for refusals that the test expects, which browsers report as failed resources. */
function faultsOf({ faults }: WatchedPage): string[] {
  return faults.filter(
    (fault) => !/Failed to load resource: the server responded with a status of 4\d\d/.test(fault),
  );
}

async function signOut({ page }: { page: WatchedPage['page'] }): Promise<void> {
  await page.goto(`${console.url}/account`);
  await page.evaluate('document.querySelector(\'form[action="/sign-out"]\').submit()');
  await page.waitForURL(`${console.url}/sign-in`);
}

describe.skipIf(!hasChromium)(`an operator with a passkey${needsChromium}`, () => {
  it('registers by an invitation, signs out and signs in again, and comes to the page they wanted', async () => {
    const opened = await register('Aoi');
    expect(await opened.device.passkeys()).toBe(1);
    await signOut(opened);
    await opened.page.goto(`${console.url}/account?from=bookmark`);
    expect(opened.page.url()).toContain('/sign-in?to=');
    await opened.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await opened.page.waitForURL(`${console.url}/account?from=bookmark`);
    expect(faultsOf(opened.watched)).toEqual([]);
    await opened.watched.close();
  });

  it('cannot use an invitation twice', async () => {
    const path = await invite('Twice');
    const first = await open(path);
    const second = await open(path);
    await first.page.getByRole('button', { name: 'Create a passkey' }).click();
    await first.page.waitForURL(`${console.url}/`);
    await second.page.getByRole('button', { name: 'Create a passkey' }).click();
    await second.page.getByRole('alert').getByText('This took too long').waitFor();
    await second.page.goto(`${console.url}${path}`);
    await second.page.getByText('This invitation was used or has expired').waitFor();
    expect([...faultsOf(first.watched), ...faultsOf(second.watched)]).toEqual([]);
    await first.watched.close();
    await second.watched.close();
  });

  it('cannot use an invitation after 15 minutes', async () => {
    const path = await invite('Late');
    const { watched, page } = await open(path);
    aheadMs += 15 * MINUTE_MS;
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await page.getByRole('alert').getByText('This took too long').waitFor();
    expect((await console.stranger.get(path)).status).toBe(410);
    await watched.close();
  });

  it('is asked for the passkey again before an act that needs it, and what was entered is kept', async () => {
    const { watched, page, device } = await register('Step');
    const confirm = () => page.getByRole('button', { name: 'Confirm with your passkey' }).click();
    aheadMs += 6 * MINUTE_MS;
    await page.goto(`${console.url}/operators`);
    await page.getByText('Invite an operator', { exact: true }).first().click();
    await page.locator('input[name="name"]').fill('New colleague');
    await page.locator('textarea[name="reason"]').fill('Joins the team');
    await page.getByRole('button', { name: 'Invite an operator' }).click();
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
    await device.setConfirming(false);
    await confirm();
    await page.getByRole('alert').getByText('Nothing was confirmed').waitFor();
    await device.setConfirming(true);
    await confirm();
    await page.getByRole('heading', { name: 'Invitation for New colleague' }).waitFor();
    expect(faultsOf(watched)).toEqual([]);
    await watched.close();
  });

  it('adds a second passkey on the account page, and can remove one but not the last', async () => {
    const { watched, page, device } = await register('Pair');
    aheadMs += 6 * MINUTE_MS;
    await page.goto(`${console.url}/account`);
    expect(await page.getByRole('button', { name: 'Remove' }).count()).toBe(0);
    // The device has a passkey for this operator already, and says so.
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('alert').getByText('has a passkey for you already').waitFor();
    const other = await plugInDevice(page, 'usb');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey was added.').waitFor();
    expect([await device.passkeys(), await other.passkeys()]).toEqual([1, 1]);
    await page.getByRole('button', { name: 'Remove' }).first().click();
    await page.getByText('The passkey was removed.').waitFor();
    expect(await page.getByRole('button', { name: 'Remove' }).count()).toBe(0);
    expect(faultsOf(watched)).toEqual([]);
    await watched.close();
  });

  it('cannot sign in with a copy of the passkey that has been used less often', async () => {
    const opened = await register('Copy');
    await opened.device.setCounter(50);
    await signOut(opened);
    const signIn = () => opened.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await signIn();
    await opened.page.waitForURL(`${console.url}/`);
    await signOut(opened);
    await opened.device.setCounter(10);
    await signIn();
    await opened.page.getByRole('alert').getByText('could not be verified').waitFor();
    await opened.watched.close();
  });

  it('is signed out after 30 minutes without a request', async () => {
    const { watched, page } = await register('Idle');
    aheadMs += 29 * MINUTE_MS;
    await page.goto(`${console.url}/account`);
    expect(page.url()).toBe(`${console.url}/account`);
    aheadMs += 30 * MINUTE_MS;
    await page.goto(`${console.url}/account`);
    expect(page.url()).toBe(`${console.url}/sign-in?to=%2Faccount`);
    await watched.close();
  });
});
