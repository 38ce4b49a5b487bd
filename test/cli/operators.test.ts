/**
 * `pgw operators`: the first operator is invited in the terminal.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listActsOnObject } from '../../src/store/audit/audit-log.ts';
import { startTestConsole, type TestConsole } from '../support/console.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { startProgram } from '../support/program.ts';

let gateway: TestGateway;
let console: TestConsole;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  merchant = await gateway.newMerchant();
});
afterAll(async () => {
  await console.close();
  await gateway.close();
});

async function operators(...args: string[]): Promise<{ code: number | string; output: string }> {
  const env = { DATABASE_URL: gateway.database.url, CONSOLE_URL: console.url };
  const program = startProgram(['operators', ...args], env);
  const code = await program.ended;
  return { code, output: program.output().trim() };
}

describe('pgw operators', () => {
  it('invites with roles, lists, makes a new link that replaces the first, disables and enables', async () => {
    const { merchantId, storeId } = merchant;
    const where = ['--merchant', merchantId, '--store', storeId, '--max-refund', '5000'];
    const named = ['--role', 'support,refunder', '--name', 'Ken', '--reason', 'new at the till'];
    const first = JSON.parse((await operators('invite', ...named, ...where, '--json')).output);
    expect(first).toMatchObject({
      name: 'Ken',
      link: expect.stringContaining(`${console.url}/invitations/`),
    });
    expect((await console.stranger.get(new URL(first.link).pathname)).text).toContain('Ken');
    const [listed] = JSON.parse((await operators('list', '--json')).output);
    const shop = { merchant_id: merchantId, store_id: storeId };
    expect(listed).toMatchObject({
      id: first.id,
      status: 'invited',
      grants: [
        { role: 'refunder', ...shop, max_refund_amount: 5_000 },
        { role: 'support', ...shop },
      ],
    });
    const again = await operators('invite', '--operator', first.id);
    const [link = ''] = /http:\S+/.exec(again.output) ?? [];
    expect((await console.stranger.get(new URL(link).pathname)).status).toBe(200);
    expect((await console.stranger.get(new URL(first.link).pathname)).status).toBe(410);
    expect((await operators('disable', first.id)).output).toBe(`${first.id} is disabled.`);
    expect((await console.stranger.get(new URL(link).pathname)).status).toBe(410);
    expect((await operators('enable', first.id)).output).toBe(`${first.id} is enabled.`);
    const acts = await listActsOnObject(gateway.deps.db, 'operator', first.id, 10);
    expect(acts.map(({ type, actor, reason }) => [type, actor.kind, reason])).toEqual([
      ['operator.invited', 'command_line', 'new at the till'],
      ['operator.invited', 'command_line', undefined],
      ['operator.disabled', 'command_line', undefined],
      ['operator.enabled', 'command_line', undefined],
    ]);
  });

  it.each([
    ['no role', ['invite'], '--role is required'],
    ['an unknown role', ['invite', '--role', 'root'], 'there is no role root'],
    [
      'an unknown merchant',
      ['invite', '--role', 'viewer', '--merchant', 'none'],
      'There is no merchant none',
    ],
    ['a maximum of nothing', ['invite', '--role', 'refunder', '--max-refund', '0'], '--max-refund must be'],
    ['an unknown operator', ['disable', 'op_01JHMB5V00ZX8Y7W6V5T4S3R2Q'], 'There is no operator'],
    ['what is no id', ['enable', 'Ken'], 'is not the id of an operator'],
  ])('refuses %s in one line', async (_, args, problem) => {
    const { code, output } = await operators(...args);
    expect([code, output.split('\n').length]).toEqual([1, 1]);
    expect(output).toContain(problem);
  });
});
