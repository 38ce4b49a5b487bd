/**
 * The guide "Contract tests in your CI": its examples run unchanged, in a project with the packed package.
 */
import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { MAGIC_AMOUNTS } from '../../src/sandbox/faults/magic-amounts.ts';
import { type Consumer, createConsumer } from '../support/consumer.ts';

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly steps: {
          readonly uses?: string;
          readonly run?: string;
          readonly env?: Record<string, string>;
        }[];
      }
    >
  >;
}

const guide = await readFile('src/web/docs/guides/testing-in-ci.md', 'utf8');
const FREE_PORTS = { PORT: '0', SANDBOX_PORT: '0' };

let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer(undefined, { scripts: { test: 'vitest run' } });
  consumer.write('test/payments.test.ts', only('ts'));
});
afterAll(() => consumer.remove());

/** The blocks of code in one language. */
function blocks(language: string): string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code = '']) => code,
  );
}

function only(language: string): string {
  const [code, ...others] = blocks(language);
  if (code === undefined || others.length > 0) {
    throw new Error(`the guide has not one block of ${language}`);
  }
  return code;
}

/** Runs a line of the guide in the project; both streams. */
async function shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const all = { PATH: process.env['PATH'], HOME: process.env['HOME'], npm_config_update_notifier: 'false' };
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line], {
    cwd: consumer.folder,
    env: { ...all, ...env },
  });
  return stdout + stderr;
}

describe('the guide', () => {
  it('lists exactly the magic amounts', () => {
    const rows = [...guide.matchAll(/^\| (\d+) \| (.*?) \| (.*?) \|$/gm)];
    expect(rows.map(([, amount, name, outcome]) => ({ amount: Number(amount), name, outcome }))).toEqual(
      MAGIC_AMOUNTS.map(({ amount, name, outcome }) => ({ amount, name, outcome })),
    );
  });

  it("installs the project's own tarball and runs what is installed, as the README does, because no registry has the package", async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    const tarball = `(--save-dev )?\\./(vendor/)?mpac-pgw-${version}\\.tgz`;
    const right = new RegExp(`npm install ${tarball}|npx --no-install mpac-pgw `);
    for (const text of [guide, await readFile('README.md', 'utf8')]) {
      const lines = text.split('\n').filter((line) => /(npm (i|install)|npx) .*mpac-pgw/.test(line));
      expect(lines.length).toBeGreaterThan(1);
      for (const line of lines) {
        expect(line).toMatch(right);
      }
    }
  });

  it('shows a workflow that installs, then runs the tests in the sandbox, and passes', async () => {
    const { jobs } = parse(only('yaml')) as Workflow;
    const [install, ...runs] = Object.values(jobs).flatMap(({ steps }) => steps.filter(({ run }) => run));
    // The project is already installed; npm ci would need a registry.
    expect(install?.run).toBe('npm ci');
    expect(runs).toHaveLength(1);
    const output = await shell(runs[0]?.run ?? '', runs[0]?.env);
    expect(output).toContain('Ready; running npm test');
    expect(output).toMatch(/Tests .*4 passed/);
  });

  it('shows a test that compiles in a strict project', () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];
    execFileSync('npx', ['tsc', ...options, '--types', 'node', 'test/payments.test.ts'], {
      cwd: consumer.folder,
    });
  });

  it('shows requests that the sandbox accepts, and a test that fails fails the workflow', async () => {
    const requests = blocks('sh').filter((code) => code.startsWith('curl'));
    expect(requests).toHaveLength(4);
    consumer.write('requests.sh', requests.map((code) => `${code.trim()}; echo`).join('\n'));
    const command = `sh -c 'sh requests.sh && npm test -- no-such-test'`;
    const running = shell(`npx --no-install mpac-pgw sandbox --with-gateway -- ${command}`, FREE_PORTS);
    const { code, stdout } = (await running.catch((error: unknown) => error)) as {
      code: number;
      stdout: string;
    };
    expect(code).toBe(1);
    for (const expected of ['"code_not_found"', '"createCode"', '"offset_seconds":1800']) {
      expect(stdout).toContain(expected);
    }
  });
});
