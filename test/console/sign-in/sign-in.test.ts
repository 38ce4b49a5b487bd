/**
 * Signing in without a browser: the demo's link, sessions, challenges, and requests that try to break them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { createChallenge, useChallenge } from '../../../src/services/operator-accounts/challenges.ts';
import { createDemoLink } from '../../../src/services/operator-accounts/demo-operator.ts';
import { openSession } from '../../../src/services/operator-accounts/sessions.ts';
import { listActsOnObject } from '../../../src/store/audit/audit-log.ts';
import { query } from '../../../src/store/db/query.ts';
import { insertChallenge } from '../../../src/store/operator-accounts/challenges.ts';
import { findDemoOperator } from '../../../src/store/operator-accounts/operators.ts';
import { startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const MINUTE_MS = 60_000;
let gateway: TestGateway;
let console: TestConsole;
let aheadMs = 0;
const wallClock: Clock = {
  ...systemClock,
  now: () => new Date(systemClock.now().getTime() + aheadMs),
};
const deps = () => ({ ...gateway.deps, wallClock });

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(deps());
});
afterAll(async () => {
  await console.close();
  await gateway.close();
});

const countOf = async (table: string, where: string) => {
  const [row] = await query<{ count: number }>(
    gateway.deps.db,
    `select count(*) as count from ${table} where ${where}`,
  );
  return row?.count;
};
const cookieOf = (response: { headers: Headers }) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
const json = { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' };
const send = async (path: string, body: string, headers: Record<string, string> = {}) => {
  const init = { method: 'POST', body, headers: { ...json, ...headers } };
  const response = await fetch(`${console.url}${path}`, init);
  return { status: response.status, text: await response.text() };
};

describe("the demo's link", () => {
  it('signs in as an administrator, once, and only when its button is pressed', async () => {
    const path = (await createDemoLink(deps())) ?? '';
    for (const _ of [1, 2]) {
      expect((await console.stranger.get(path)).status).toBe(200);
    }
    const opened = await console.stranger.post(path);
    expect([opened.status, opened.location]).toEqual([303, '/']);
    expect(opened.headers.getSetCookie()[0]).toMatch(/^pgw_op=\w{44}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await console.stranger.get('/operators', { Cookie: cookieOf(opened) })).status).toBe(200);
    expect((await console.stranger.get(path)).status).toBe(410);
    expect((await console.stranger.post(path)).status).toBe(410);
    const demo = await findDemoOperator(gateway.deps.db);
    const acts = await listActsOnObject(gateway.deps.db, 'operator', demo?.id ?? '', 10);
    expect(acts).toMatchObject([{ type: 'operator.signed_in', after: { method: 'demo' } }]);
  });

  it('ends after 15 minutes, and when the next start prints another', async () => {
    const first = (await createDemoLink(deps())) ?? '';
    const second = (await createDemoLink(deps())) ?? '';
    expect((await console.stranger.get(first)).status).toBe(410);
    aheadMs += 15 * MINUTE_MS;
    expect((await console.stranger.post(second)).status).toBe(410);
  });

  it('cannot be used to register a passkey', async () => {
    const path = ((await createDemoLink(deps())) ?? '').replace('/demo/', '/invitations/');
    expect((await console.stranger.get(path)).status).toBe(410);
    expect((await send(`${path}/options`, '{}')).status).toBe(400);
  });

  it('does not exist where money is real, and neither do the sessions that it began', async () => {
    const opened = await console.stranger.post((await createDemoLink(deps())) ?? '');
    const path = (await createDemoLink(deps())) ?? '';
    const real = await startTestConsole({ ...deps(), isSandbox: false });
    try {
      expect(await createDemoLink({ ...deps(), isSandbox: false })).toBeUndefined();
      expect((await real.stranger.get(path)).status).toBe(410);
      expect((await real.stranger.post(path)).status).toBe(410);
      expect((await real.stranger.get('/account', { Cookie: cookieOf(opened) })).status).toBe(303);
    } finally {
      await real.close();
    }
  });
});

describe('a session', () => {
  it('ends 12 hours after the sign-in, however busy it is', async () => {
    const viewer = await console.signIn('viewer');
    for (let minutes = 20; minutes < 12 * 60; minutes += 20) {
      aheadMs += 20 * MINUTE_MS;
      expect([minutes, (await viewer.get('/account')).status]).toEqual([minutes, 200]);
    }
    aheadMs += 20 * MINUTE_MS;
    expect((await viewer.get('/account')).status).toBe(303);
  });

  it('is listed with its browser and address, and ended from another one', async () => {
    const client = { clientAddress: '192.0.2.7', userAgent: 'Mozilla/5.0 (iPhone) Version/18 Safari/605.1' };
    const viewer = await console.signIn('viewer');
    const stranger = await console.signIn('viewer');
    const id = viewer.operator?.id ?? '';
    const phone = `pgw_op=${await openSession(deps(), gateway.deps.db, id, 'passkey', client)}`;
    const page = (await viewer.get('/account')).text;
    expect([page.includes('Safari, iPhone'), page.includes('192.0.2.7')]).toEqual([true, true]);
    const [, path = ''] = /action="(\/account\/sessions\/[0-9a-f]{64}\/end)"/.exec(page) ?? [];
    expect((await stranger.post(path)).status).toBe(404);
    expect((await viewer.post('/account/sessions/%00/end')).status).toBe(404);
    expect((await viewer.post(path)).location).toBe('/account?done=session_ended');
    expect((await console.stranger.get('/account', { Cookie: phone })).status).toBe(303);
    const third = `pgw_op=${await openSession(deps(), gateway.deps.db, id, 'passkey', client)}`;
    expect((await viewer.post('/account/sessions/end-others')).status).toBe(303);
    expect((await console.stranger.get('/account', { Cookie: third })).status).toBe(303);
    expect((await viewer.get('/account')).status).toBe(200);
  });

  it('leaves no rows behind: each sign-in deletes ended ones, and an operator has 20 at most', async () => {
    const viewer = await console.signIn('viewer');
    const id = viewer.operator?.id ?? '';
    const open = () =>
      openSession(deps(), gateway.deps.db, id, 'passkey', { clientAddress: undefined, userAgent: undefined });
    for (let session = 0; session < 25; session += 1) {
      await open();
    }
    expect(await countOf('operator_sessions', `operator_id = '${id}'`)).toBe(20);
    aheadMs += 31 * MINUTE_MS;
    await open();
    expect(await countOf('operator_sessions', `operator_id = '${id}'`)).toBe(1);
  });

  it('is signed out, and its cookie removed', async () => {
    const viewer = await console.signIn('viewer');
    const response = await viewer.post('/sign-out');
    expect([response.status, response.location]).toEqual([303, '/sign-in']);
    expect(response.headers.getSetCookie()[0]).toContain('Max-Age=0');
    expect((await viewer.get('/account')).status).toBe(303);
    const acts = await listActsOnObject(gateway.deps.db, 'operator', viewer.operator?.id ?? '', 10);
    expect(acts.map(({ type }) => type)).toEqual(['operator.signed_out']);
  });
});

describe('a challenge', () => {
  it('is used once, for its purpose, by whom it was made for, within five minutes', async () => {
    const made = () => createChallenge(deps(), 'verify', { boundTo: 'session' });
    expect(await useChallenge(deps(), 'sign_in', await made(), 'session')).toBeUndefined();
    expect(await useChallenge(deps(), 'verify', await made(), 'other')).toBeUndefined();
    expect(await useChallenge(deps(), 'verify', await made())).toBeUndefined();
    const challenge = await made();
    expect(await useChallenge(deps(), 'verify', challenge, 'session')).toBeDefined();
    expect(await useChallenge(deps(), 'verify', challenge, 'session')).toBeUndefined();
    const late = await made();
    aheadMs += 5 * MINUTE_MS;
    expect(await useChallenge(deps(), 'verify', late, 'session')).toBeUndefined();
  });

  it('of strangers cannot fill the table, and cannot push out those of operators', async () => {
    const kept = await createChallenge(deps(), 'verify', { boundTo: 'session' });
    const now = wallClock.now();
    for (let index = 0; index < 12; index += 1) {
      const expiresAt = new Date(now.getTime() + MINUTE_MS + index);
      const row = { purpose: 'sign_in', boundTo: undefined, data: undefined, expiresAt } as const;
      await insertChallenge(gateway.deps.db, { ...row, challenge: `stranger-${index}` }, now, 5);
    }
    expect(await countOf('operator_challenges', "challenge like 'stranger-%'")).toBe(5);
    expect(await useChallenge(deps(), 'verify', kept, 'session')).toBeDefined();
    aheadMs += 10 * MINUTE_MS;
    await createChallenge(deps(), 'sign_in');
    expect(await countOf('operator_challenges', 'true')).toBe(1);
  });
});

describe('a sign-in that is no passkey', () => {
  it.each([
    ['nothing', '{}'],
    ['null', 'null'],
    ['a list', '[1]'],
    ['a number for the credential', '{"credential":1}'],
    ['an empty id', '{"credential":{"id":"","response":{"clientDataJSON":"e30"}}}'],
    ['an id with NUL', '{"credential":{"id":"a\\u0000","response":{"clientDataJSON":"e30"}}}'],
    ['a long id', `{"credential":{"id":"${'a'.repeat(2_000)}","response":{"clientDataJSON":"e30"}}}`],
    ['client data that is no JSON', '{"credential":{"id":"abc","response":{"clientDataJSON":"!!"}}}'],
    ['client data that is null', '{"credential":{"id":"abc","response":{"clientDataJSON":"bnVsbA"}}}'],
    ['no JSON at all', '{"credential'],
  ])('is refused: %s', async (_, body) => {
    expect((await send('/sign-in', body)).status).toBe(400);
    const viewer = await console.signIn('viewer');
    for (const path of ['/verify', '/account/passkeys']) {
      expect([path, (await send(path, body, { Cookie: viewer.cookie })).status]).toEqual([path, 400]);
    }
  });

  it('leads nowhere but to the console afterwards', async () => {
    for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', '/\n/evil.example']) {
      const page = (await console.stranger.get(`/sign-in?to=${encodeURIComponent(to)}`)).text;
      expect([to, page.includes('data-to="/"')]).toEqual([to, true]);
    }
  });

  it('of a script without a session is answered with 401', async () => {
    expect((await send('/verify/options', '{}')).status).toBe(401);
    expect((await send('/account/passkeys/options', '{}')).status).toBe(401);
  });
});
