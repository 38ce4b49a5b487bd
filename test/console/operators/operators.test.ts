/**
 * Managing operators in the console: who may do what to whom, and what the audit log keeps.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRow } from '../../../src/domain/audit/act.ts';
import { disableOperator, inviteOperator } from '../../../src/services/operator-accounts/manage.ts';
import { listActsOnObject } from '../../../src/store/audit/audit-log.ts';
import { insertPasskey } from '../../../src/store/operator-accounts/passkeys.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let gateway: TestGateway;
let console: TestConsole;
let mine: TestMerchant;
let other: TestMerchant;
let admin: ConsoleClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  [mine, other] = [await gateway.newMerchant(), await gateway.newMerchant()];
});
beforeEach(async () => {
  admin = await console.signIn('admin');
});
afterAll(async () => {
  await console.close();
  await gateway.close();
});

const idOf = ({ operator }: ConsoleClient) => operator?.id ?? '';
const acts = (id: string): Promise<AuditRow[]> => listActsOnObject(gateway.deps.db, 'operator', id, 100);
const REASON = { reason: 'for the test' };

/** The link that the page of an invitation shows, and whom it invites. */
async function invite(by: ConsoleClient, form: Record<string, string>) {
  const response = await by.post('/operators', { name: 'New', ...REASON, ...form });
  const [, link = ''] = /(http:\/\/localhost:\d+\/invitations\/[A-Za-z0-9]{44})/.exec(response.text) ?? [];
  const [, id = ''] = /href="\/operators\/(op_\w+)"/.exec(response.text) ?? [];
  return { ...response, link, id };
}

describe('an administrator', () => {
  it('invites an operator, whose link shows name and roles and changes nothing when it is only read', async () => {
    const { status, link, id } = await invite(admin, {
      name: 'Sora <b>',
      role_0: 'support',
      merchant_0: mine.merchantId,
    });
    expect(status).toBe(200);
    const path = new URL(link).pathname;
    for (const _ of [1, 2]) {
      const page = await console.stranger.get(path);
      expect(page.status).toBe(200);
      expect(page.text).toContain('Sora &lt;b&gt;');
      expect(page.text).toContain(mine.merchantId);
    }
    expect(await acts(id)).toMatchObject([
      {
        type: 'operator.invited',
        actor: { kind: 'operator', id: idOf(admin) },
        reason: REASON.reason,
        after: { name: 'Sora <b>', grants: [{ role: 'support', merchant_id: mine.merchantId }] },
      },
    ]);
  });

  it('changes roles, which apply to the very next request', async () => {
    const viewer = await console.signIn('viewer');
    expect((await viewer.get('/operators')).status).toBe(403);
    const form = { ...REASON, role_0: 'admin', role_1: 'finance', merchant_1: mine.merchantId };
    const changed = await admin.post(`/operators/${idOf(viewer)}/grants`, form);
    expect([changed.status, changed.location]).toEqual([
      303,
      `/operators/${idOf(viewer)}?done=grants_changed`,
    ]);
    expect((await viewer.get('/operators')).status).toBe(200);
    expect(await acts(idOf(viewer))).toMatchObject([
      {
        type: 'operator.changed',
        before: [{ role: 'viewer' }],
        after: [{ role: 'admin' }, { role: 'finance', merchant_id: mine.merchantId }],
      },
    ]);
  });

  it('changes roles, after which a link made before no longer works', async () => {
    const { link, id } = await invite(admin, { role_0: 'viewer' });
    const path = new URL(link).pathname;
    expect((await console.stranger.get(path)).status).toBe(200);
    const changed = await admin.post(`/operators/${id}/grants`, { ...REASON, role_0: 'finance' });
    expect(changed.status).toBe(303);
    expect((await console.stranger.get(path)).status).toBe(410);
  });

  it('disables an operator, whose sessions end at once and whose invitation no longer works', async () => {
    const viewer = await console.signIn('viewer');
    const { link } = await invite(admin, { role_0: 'viewer' });
    const again = await admin.post(`/operators/${idOf(viewer)}/invite`, REASON);
    const [, path = ''] = /(\/invitations\/[A-Za-z0-9]{44})/.exec(again.text) ?? [];
    expect((await admin.post(`/operators/${idOf(viewer)}/disable`, REASON)).status).toBe(303);
    expect((await viewer.get('/account')).location).toBe('/sign-in?to=%2Faccount');
    expect((await console.stranger.get(path)).status).toBe(410);
    expect((await console.stranger.get(new URL(link).pathname)).status).toBe(200);
    expect((await admin.post(`/operators/${idOf(viewer)}/enable`, REASON)).status).toBe(303);
    expect((await viewer.get('/account')).status).toBe(303);
    const types = (await acts(idOf(viewer))).map(({ type }) => type);
    expect(types).toEqual(['operator.invited', 'operator.disabled', 'operator.enabled']);
  });

  it('ends all sessions of an operator', async () => {
    const viewer = await console.signIn('viewer');
    expect((await admin.get(`/operators/${idOf(viewer)}`)).text).toContain('127.0.0.1');
    expect((await admin.post(`/operators/${idOf(viewer)}/sessions/end`, REASON)).status).toBe(303);
    expect((await viewer.get('/account')).status).toBe(303);
  });

  it('is refused in the language of the page', async () => {
    const japanese = { 'Accept-Language': 'ja' };
    const form = { name: '新人', role_0: 'viewer', merchant_0: 'nobody', ...REASON };
    expect((await admin.post('/operators', form, japanese)).text).toContain(
      '加盟店または店舗が見つかりません',
    );
    const own = await admin.post(`/operators/${idOf(admin)}/disable`, REASON, japanese);
    expect(own.text).toContain('自分自身の権限は変更できません');
  });

  it.each([
    ['without a reason', { role_0: 'viewer', reason: '' }, 'Enter a reason'],
    ['without a name', { role_0: 'viewer', name: ' ' }, 'The name must have'],
    ['without a role', {}, 'Choose 1 to 50 roles'],
    ['for an unknown merchant', { role_0: 'viewer', merchant_0: 'nobody\0' }, 'There is no merchant'],
    ['for a store without its merchant', { role_0: 'viewer', store_0: 's' }, 'A store needs its merchant'],
    ['with the same role twice', { role_0: 'viewer', role_1: 'viewer' }, 'given twice'],
    ['with a maximum that is no number', { role_0: 'refunder', max_refund_0: '1e3' }, 'whole number'],
    [
      'with a maximum for a role without refunds',
      { role_0: 'viewer', max_refund_0: '5' },
      'makes no refunds',
    ],
    ['with an unknown role', { role_0: 'root' }, 'no such role'],
  ])('is refused an invitation %s, and keeps what was entered', async (_, form, problem) => {
    const response = await admin.post('/operators', { name: 'Kept name', ...REASON, ...form });
    expect(response.status).toBe(400);
    expect(response.text).toContain(problem);
    expect(response.text).not.toContain('/invitations/');
  });

  it('cannot change themselves, nor look up an id that is none', async () => {
    const own = await admin.post(`/operators/${idOf(admin)}/grants`, { ...REASON, role_0: 'viewer' });
    expect([own.status, own.text.includes('Nobody changes')]).toEqual([400, true]);
    expect((await admin.post(`/operators/${idOf(admin)}/disable`, REASON)).status).toBe(400);
    for (const id of ['op_%00', 'op_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'op_..', 'x'.repeat(300)]) {
      expect([id, (await admin.get(`/operators/${id}`)).status]).toEqual([id, 404]);
    }
    expect((await admin.get('/operators?after=%00&done=%00')).status).toBe(200);
  });
});

describe('an administrator of one merchant', () => {
  it('sees and changes only operators who have nothing outside that merchant', async () => {
    const local = await console.signIn({ role: 'admin', merchantId: mine.merchantId });
    const inside = await console.signIn({
      role: 'viewer',
      merchantId: mine.merchantId,
      storeId: mine.storeId,
    });
    const elsewhere = await console.signIn({ role: 'viewer', merchantId: other.merchantId });
    const both = await console.signIn(
      { role: 'viewer', merchantId: mine.merchantId },
      { role: 'viewer', merchantId: other.merchantId },
    );
    const list = (await local.get('/operators')).text;
    const seen = [local, inside, elsewhere, both, admin].map((client) => list.includes(idOf(client)));
    expect(seen).toEqual([true, true, false, false, false]);
    for (const hidden of [elsewhere, both, admin]) {
      const path = `/operators/${idOf(hidden)}`;
      expect((await local.get(path)).status).toBe(404);
      expect((await local.post(`${path}/disable`, REASON)).status).toBe(404);
      expect((await local.post(`${path}/grants`, { ...REASON, role_0: 'viewer' })).status).toBe(404);
    }
    expect((await local.post(`/operators/${idOf(inside)}/disable`, REASON)).status).toBe(303);
    expect(await acts(idOf(both))).toEqual([]);
  });

  it.each([
    ['a role for the whole gateway', () => ({ role_0: 'viewer' })],
    ['a role for another merchant', () => ({ role_0: 'viewer', merchant_0: other.merchantId })],
    [
      'one of two roles for another merchant',
      () => ({
        role_0: 'viewer',
        merchant_0: mine.merchantId,
        role_1: 'viewer',
        merchant_1: other.merchantId,
      }),
    ],
  ])('cannot give %s, to new operators or to others', async (_, form) => {
    const local = await console.signIn({ role: 'admin', merchantId: mine.merchantId });
    const inside = await console.signIn({ role: 'viewer', merchantId: mine.merchantId });
    expect((await invite(local, form())).status).toBe(400);
    const changed = await local.post(`/operators/${idOf(inside)}/grants`, { ...REASON, ...form() });
    expect([changed.status, changed.text.includes('only give what you may do yourself')]).toEqual([
      400,
      true,
    ]);
  });

  it('cannot give more than their own largest refund, or change somebody who has more', async () => {
    const { merchantId } = mine;
    const local = await console.signIn({ role: 'admin', merchantId, maxRefundAmount: 1_000 });
    const rich = await console.signIn({ role: 'refunder', merchantId });
    expect((await invite(local, { role_0: 'refunder', merchant_0: merchantId })).status).toBe(400);
    const modest = { role_0: 'refunder', merchant_0: merchantId, max_refund_0: '1000' };
    expect((await invite(local, modest)).status).toBe(200);
    expect((await local.post(`/operators/${idOf(rich)}/disable`, REASON)).status).toBe(400);
    expect((await local.get(`/operators/${idOf(rich)}`)).text).not.toContain('/disable');
  });

  it('loses the right to change others at the moment in which it is taken from them', async () => {
    const local = await console.signIn({ role: 'admin', merchantId: mine.merchantId });
    const inside = await console.signIn({ role: 'viewer', merchantId: mine.merchantId });
    await disableOperator(gateway.deps, { actor: { kind: 'command_line', id: 'test' } }, idOf(local));
    const act = { actor: { kind: 'operator', id: idOf(local) } } as const;
    await expect(disableOperator(gateway.deps, act, idOf(inside))).rejects.toThrow('may do something');
  });
});

describe('those who may not change operators', () => {
  it.each(['viewer', 'support', 'finance', 'refunder'] as const)(
    'as %s see none and invite none',
    async (role) => {
      const client = await console.signIn(role);
      expect((await client.get('/operators')).status).toBe(403);
      expect((await client.post('/operators', { name: 'X', role_0: 'viewer', ...REASON })).status).toBe(403);
      expect((await client.post(`/operators/${idOf(admin)}/disable`, REASON)).status).toBe(403);
    },
  );
});

describe('the last administrator of the whole gateway', () => {
  it('can be neither disabled nor demoted, even by two at once', async () => {
    const alone = await startTestGateway();
    const command = { actor: { kind: 'command_line', id: 'test' } } as const;
    const unlimited = { merchantId: undefined, storeId: undefined, maxRefundAmount: undefined };
    try {
      const grants = [{ role: 'admin', ...unlimited } as const];
      const ids: string[] = [];
      for (const name of ['First', 'Second']) {
        const { operator } = await inviteOperator(alone.deps, command, { name, grants });
        ids.push(operator.id);
        await insertPasskey(alone.deps.db, {
          id: `key-${name}`,
          operatorId: operator.id,
          publicKey: Buffer.from('key'),
          counter: 0,
          transports: [],
          label: 'test',
          createdAt: operator.createdAt,
          lastUsedAt: undefined,
        });
      }
      const [first = '', second = ''] = ids;
      const outcomes = await Promise.allSettled(ids.map((id) => disableOperator(alone.deps, command, id)));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const left = outcomes[0]?.status === 'rejected' ? first : second;
      await expect(disableOperator(alone.deps, command, left)).rejects.toThrow('last administrator');
    } finally {
      await alone.close();
    }
  });
});
