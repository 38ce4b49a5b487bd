/**
 * What people see of the command line: headings, numbers of rows, colours, and the examples of each command.
 */
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { startProgram } from '../support/program.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

async function pgw(command: string, env: Record<string, string> = {}): Promise<string> {
  const program = startProgram(command.split(' '), { DATABASE_URL: gateway.database.url, ...env });
  await program.ended;
  return program.output().trimEnd();
}

/** All commands that can be run, with their path. */
function commandsOf(command: Command, path: readonly string[] = []): { name: string; help: string }[] {
  return command.commands.flatMap((each) => {
    const name = [...path, each.name()];
    return each.commands.length > 0 ? commandsOf(each, name) : [{ name: name.join(' '), help: helpOf(each) }];
  });
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe('a list', () => {
  it('has headings, and counts one row and two rows in words', async () => {
    const { merchantId } = await gateway.newMerchant();
    const one = await pgw(`keys list --merchant ${merchantId}`);
    expect(one).toMatch(
      /^API KEY +MERCHANT +UPSTREAM +SCOPES +CREATED +EXPIRES +REVOKED +LABEL +LIMITS +LAST USED\nak_[^\n]+\n\n1 key$/,
    );
    await pgw(`keys create --merchant ${merchantId}`);
    expect(await pgw(`keys list --merchant ${merchantId}`)).toMatch(/\nak_[^\n]+\nak_[^\n]+\n\n2 keys$/);
  });

  it.each([
    ['keys list --merchant nobody', 'nobody has no API keys. pgw keys create makes one.'],
    ['endpoints list', 'There are no webhook endpoints.'],
    ['limits list', 'All merchants have the default limit.'],
    ['webhooks list', 'PayPay has sent no webhooks yet.'],
  ])('%s says in a sentence that it is empty, and is an empty array as JSON', async (command, sentence) => {
    expect(await pgw(command)).toBe(sentence);
    expect(await pgw(`${command} --json`)).toBe('[]');
  });

  it('has colours only where they are wanted: never in a pipe, unless FORCE_COLOR asks for them, and never in JSON', async () => {
    const { merchantId } = await gateway.newMerchant();
    const list = `keys list --merchant ${merchantId}`;
    expect(await pgw(list)).not.toContain('\u001b');
    expect(await pgw(list, { FORCE_COLOR: '1' })).toContain('\u001b[1mAPI KEY\u001b[22m');
    expect(await pgw(`${list} --json`, { FORCE_COLOR: '1' })).not.toContain('\u001b');
    expect(await pgw('keys revoke ak_x', { FORCE_COLOR: '1' })).toContain('\u001b[31mpgw:\u001b[39m There');
  });
});

describe('the help', () => {
  it('of every command ends with examples that begin with that command', () => {
    const commands = commandsOf(createProgram());
    expect(commands.length).toBeGreaterThan(20);
    const without = commands.filter(({ name, help }) => !help.includes(`\nExamples:\n  $ pgw ${name}`));
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('offers for every secret a way that other users of the machine cannot read', () => {
    for (const { name, help } of commandsOf(createProgram())) {
      for (const [, option = ''] of help.matchAll(/(--secret\S*) <(?!file)/g)) {
        expect(help, `${name} ${option}`).toContain(`${option}-file <file>`);
      }
    }
  });
});
