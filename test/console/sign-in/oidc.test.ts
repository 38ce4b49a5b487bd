/**
 * Signing in at an identity provider: only who was invited gets in, and only with what this browser began.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { inviteOperator } from '../../../src/services/operator-accounts/manage.ts';
import { hasChromium, needsChromium, startChromium } from '../../support/chromium.ts';
import { startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { type OidcProvider, startOidcProvider } from '../../support/oidc-provider.ts';

let gateway: TestGateway;
let provider: OidcProvider;
let console: TestConsole;
let aheadMs = 0;
let people = 0;
const wallClock: Clock = {
  ...systemClock,
  now: () => new Date(systemClock.now().getTime() + aheadMs),
};

beforeAll(async () => {
  [gateway, provider] = [await startTestGateway(), await startOidcProvider()];
  const { issuer, clientId, clientSecret } = provider;
  const oidc = { issuer, clientId, clientSecret };
  console = await startTestConsole({ ...gateway.deps, wallClock }, { oidc });
});
beforeEach(() => {
  people += 1;
  provider.subject = `user-${people}`;
  provider.tokenFault = undefined;
  provider.authAgeSeconds = 0;
});
afterAll(async () => {
  await console.close();
  await provider.close();
  await gateway.close();
});

/** The token of a new invitation. */
async function invite(name = 'Somebody'): Promise<string> {
  const unlimited = { merchantId: undefined, storeId: undefined, maxRefundAmount: undefined };
  const act = { actor: { kind: 'command_line', id: 'test' } } as const;
  const grants = [{ role: 'admin', ...unlimited } as const];
  return (await inviteOperator({ ...gateway.deps, wallClock }, act, { name, grants })).token;
}

interface Left {
  readonly cookie: string;
  readonly callback: string;
}

/** Goes from the console to the provider, which leads back at once. */
async function leaveWith(path: string, form: Record<string, string>, cookie = ''): Promise<Left> {
  const response = await console.stranger.post(path, form, { Cookie: cookie });
  const [, url = ''] = /^0; url=(.*)$/.exec(response.headers.get('Refresh') ?? '') ?? [];
  const [state = ''] = response.headers.getSetCookie();
  expect(state).toContain('SameSite=Lax');
  const provided = await fetch(url, { redirect: 'manual' });
  const callback = new URL(provided.headers.get('Location') ?? '');
  return { cookie: state.split(';')[0] ?? '', callback: `${callback.pathname}${callback.search}` };
}

const come = ({ cookie, callback }: Left) => console.stranger.get(callback, { Cookie: cookie });
const sessionOf = (response: { headers: Headers }) =>
  response.headers
    .getSetCookie()
    .find((cookie) => /^pgw_op=\w/.test(cookie))
    ?.split(';')[0];

/** Accepts an invitation with the account of the subject. @returns the cookie of the session */
async function register(name?: string): Promise<string> {
  const response = await come(await leaveWith('/sign-in/oidc', { invitation: await invite(name) }));
  expect(response.status).toBe(303);
  return sessionOf(response) ?? '';
}

describe('an account at the identity provider', () => {
  it('accepts an invitation, and from then on signs in and leads to the page that was wanted', async () => {
    const first = await register('Hana');
    expect((await console.stranger.get('/account', { Cookie: first })).text).toContain('Hana');
    const again = await come(await leaveWith('/sign-in/oidc', { to: '/payments?status=succeeded' }));
    expect([again.status, again.location]).toEqual([303, '/payments?status=succeeded']);
    expect((await console.stranger.get('/account', { Cookie: sessionOf(again) ?? '' })).status).toBe(200);
    const asked = provider.asked();
    expect([asked.get('code_challenge_method'), asked.get('scope')]).toEqual(['S256', 'openid']);
  });

  it('that nobody invited does not get in', async () => {
    const response = await come(await leaveWith('/sign-in/oidc', {}));
    expect(response.status).toBe(403);
    expect(sessionOf(response)).toBeUndefined();
  });

  it('that belongs to an operator cannot take the invitation of another, which stays open', async () => {
    await register('First');
    const token = await invite('Second');
    expect((await come(await leaveWith('/sign-in/oidc', { invitation: token }))).status).toBe(403);
    expect((await console.stranger.get(`/invitations/${token}`)).status).toBe(200);
  });

  it('cannot come back twice, in another browser, or without its state', async () => {
    await register();
    const left = await leaveWith('/sign-in/oidc', {});
    expect((await come({ ...left, cookie: '' })).status).toBe(400);
    const other = await leaveWith('/sign-in/oidc', {});
    expect((await come({ ...left, cookie: other.cookie })).status).toBe(400);
    expect((await come(left)).status).toBe(303);
    expect((await come(left)).status).toBe(400);
    expect((await come({ ...other, callback: '/sign-in/oidc/callback?code=x' })).status).toBe(400);
  });

  it('is not asked for when there is too much to keep meanwhile', async () => {
    const cookie = await register();
    // JSON needs six characters for one of these.
    const text = '\u0001'.repeat(5_000);
    expect((await console.stranger.post('/sign-in/oidc', { to: `/${text}` })).status).toBe(200);
    const raw = (body: string) =>
      fetch(`${console.url}/verify/oidc`, {
        method: 'POST',
        body,
        headers: {
          Cookie: cookie,
          'Sec-Fetch-Site': 'same-origin',
          'Content-Type': 'application/x-www-form-urlencoded',
        },
      });
    expect((await raw(`action=/&fields=x%3D${'\u0001'.repeat(12_000)}`)).status).toBe(413);
  });

  it.each([
    ['another nonce', { nonce: 'other' }],
    ['another audience', { aud: 'other' }],
    ['another issuer', { iss: 'https://other.example' }],
    ['an end in the past', { exp: 1 }],
    ['an endless subject', { sub: 'x'.repeat(300) }],
  ])('whose token has %s does not sign in', async (_, fault) => {
    await register();
    provider.tokenFault = fault;
    const response = await come(await leaveWith('/sign-in/oidc', {}));
    expect([response.status, sessionOf(response)]).toEqual([400, undefined]);
  });

  it('proves again who its operator is, with a fresh login, and keeps the form', async () => {
    // Not even right after the sign-in, for which the provider may not have asked.
    const cookie = await register('Prover');
    const form = { name: 'Kept <name>', role_0: 'viewer', reason: 'a good reason' };
    const asked = await console.stranger.post('/operators', form, { Cookie: cookie });
    expect([asked.status, asked.text.includes('/verify/oidc')]).toEqual([403, true]);
    const kept = { action: '/operators', fields: new URLSearchParams(form).toString() };
    const left = await leaveWith('/verify/oidc', kept, cookie);
    expect([provider.asked().get('prompt'), provider.asked().get('max_age')]).toEqual(['login', '0']);
    const page = await come(left);
    expect([page.status, page.text.includes('Kept &lt;name&gt;')]).toEqual([200, true]);
    expect((await console.stranger.post('/operators', form, { Cookie: cookie })).status).toBe(200);
  });

  it('does not prove it with a login of long ago, or as somebody else', async () => {
    const cookie = await register();
    aheadMs += 6 * 60_000;
    const kept = { action: '/operators', fields: '' };
    provider.authAgeSeconds = 3_600;
    expect((await come(await leaveWith('/verify/oidc', kept, cookie))).status).toBe(400);
    provider.authAgeSeconds = 0;
    provider.subject = 'somebody-else';
    expect((await come(await leaveWith('/verify/oidc', kept, cookie))).status).toBe(403);
    expect((await console.stranger.post('/operators', {}, { Cookie: cookie })).status).toBe(403);
  });
});

describe('a provider that cannot be reached', () => {
  it('is said to be away, and the console without one has no such sign-in', async () => {
    const oidc = { issuer: 'http://127.0.0.1:1', clientId: 'x', clientSecret: undefined };
    const away = await startTestConsole(gateway.deps, { oidc });
    const without = await startTestConsole(gateway.deps);
    try {
      expect((await away.stranger.post('/sign-in/oidc')).status).toBe(503);
      expect((await without.stranger.post('/sign-in/oidc')).status).toBe(404);
      expect((await without.stranger.get('/sign-in')).text).not.toContain('/sign-in/oidc');
    } finally {
      await away.close();
      await without.close();
    }
  });
});

describe.skipIf(!hasChromium)(`in a browser${needsChromium}`, () => {
  it('the operator comes back from the site of the provider signed in, under the content policy', async () => {
    const browser = await startChromium();
    try {
      const watched = await browser.open(`${console.url}/invitations/${await invite('Across')}`, {
        locale: 'en-US',
      });
      const { page, faults } = watched;
      await page.getByRole('button', { name: 'Use the account of your organization' }).click();
      await page.waitForURL(`${console.url}/`);
      await page.goto(`${console.url}/account`);
      await page.getByRole('heading', { name: 'Across' }).waitFor();
      const own = new URL(provider.issuer).origin;
      expect(faults.filter((fault) => !fault.includes(own) && !fault.includes('status of 4'))).toEqual([]);
      // A link on another site, such as a chat's.
      await page.route('http://127.0.0.1:9/chat', (route) =>
        route.fulfill({
          contentType: 'text/html',
          body: `<a href="${console.url}/account?from=chat">link</a>`,
        }),
      );
      await page.goto('http://127.0.0.1:9/chat');
      await page.getByRole('link').click();
      await page.getByRole('heading', { name: 'Across' }).waitFor();
      expect(page.url()).toBe(`${console.url}/account?from=chat`);
    } finally {
      await browser.close();
    }
  });
});
