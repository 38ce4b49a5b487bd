/**
 * The samples of the API reference, as a reader would use them: with the function of the guide to signing in a file beside
 * them and the keys in the environment. All of them compile; some run against a gateway, in each language that is installed.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type Contract,
  listOperations,
  readContract,
} from '../../../src/web/docs/reference/contract-tree.ts';
import { requestSamples } from '../../../src/web/docs/samples/samples.ts';
import { contractText } from '../../support/contract.ts';
import { type Credentials, startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { isInstalled } from '../../support/redis.ts';

const signing = readFileSync(new URL('../../../src/web/docs/guides/signing.md', import.meta.url), 'utf8');
const helperIn = (language: string) =>
  new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(signing)?.[1] ?? '';

const ADDRESS = 'http://localhost:8080';
const ID = 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q';
const TOKEN = `${ID}_secret_abc123def456ghi789jkl012`;
const tree = readContract(parse(contractText) as Contract);

/** All samples of a language, by operation and number. */
function samplesIn(language: string): { operationId: string; name: string; text: string }[] {
  return listOperations(tree).flatMap((operation) =>
    requestSamples(tree, operation, ADDRESS).map(({ codes }, index) => ({
      operationId: operation.operationId,
      name: `${operation.operationId}${index + 1}`,
      text: codes.find((code) => code.language === language)?.text ?? '',
    })),
  );
}

const transpile = (code: string) =>
  ts
    .transpile(code, { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 })
    .replaceAll("'./authorization.ts'", "'./authorization.mjs'");

interface Language {
  readonly language: string;
  /** Programs that it needs, each with arguments to check that it is installed. */
  readonly needs: readonly (readonly [program: string, ...args: string[]])[];
  /** The file of a sample, and how it is written there. */
  file(name: string): string;
  write(code: string, name: string): string;
  readonly helperFile: string;
  writeHelper(code: string): string;
  readonly extraFiles?: Readonly<Record<string, string>>;
  run(file: string, name: string): readonly string[];
  /** Fails when a sample is not correct in the language. */
  compileAll(files: readonly string[]): readonly (readonly string[])[];
}

const LANGUAGES: readonly Language[] = [
  {
    language: 'sh',
    needs: [
      ['openssl', 'version'],
      ['curl', '--version'],
    ],
    file: (name) => `${name}.sh`,
    write: (code) => `. ./authorization.sh\n${code}`,
    helperFile: 'authorization.sh',
    writeHelper: (code) =>
      code
        .replace(/^API_KEY=.*$/m, 'API_KEY=$PGW_API_KEY')
        .replace(/^SECRET_KEY=.*$/m, 'SECRET_KEY=$PGW_SECRET_KEY'),
    run: (file) => ['sh', file],
    compileAll: (files) => files.map((file) => ['sh', '-n', file]),
  },
  {
    language: 'ts',
    needs: [['node', '--version']],
    file: (name) => `${name}.mjs`,
    write: transpile,
    helperFile: 'authorization.mjs',
    writeHelper: transpile,
    run: (file) => ['node', file],
    compileAll: (files) => files.map((file) => ['node', '--check', file]),
  },
  {
    language: 'python',
    needs: [['python3', '-c', 'import requests']],
    file: (name) => `${name}.py`,
    write: (code) => code,
    helperFile: 'authorization.py',
    writeHelper: (code) => code,
    run: (file) => ['python3', file],
    compileAll: (files) => [['python3', '-m', 'py_compile', ...files]],
  },
  {
    language: 'go',
    needs: [['go', 'version']],
    file: (name) => `${name.toLowerCase()}/main.go`,
    write: (code) => code,
    helperFile: 'pgw/authorization.go',
    writeHelper: (code) => code,
    extraFiles: { 'go.mod': 'module example.com/shop\n\ngo 1.21\n' },
    run: (file) => ['go', 'run', `./${dirname(file)}`],
    compileAll: () => [['go', 'vet', './...']],
  },
  {
    language: 'java',
    needs: [['javac', '--version']],
    file: (name) => `${name}.java`,
    // Several samples of one operation have the same class.
    write: (code, name) => code.replace(/^class \w+/m, `class ${name}`),
    helperFile: 'PgwSignature.java',
    writeHelper: (code) => code,
    run: (file, name) => [
      'sh',
      '-c',
      `javac -d classes PgwSignature.java ${file} && java -cp classes ${name}`,
    ],
    compileAll: (files) => [['javac', '-d', 'classes', 'PgwSignature.java', ...files]],
  },
  {
    language: 'php',
    needs: [['php', '--version']],
    file: (name) => `${name}.php`,
    write: (code) => code,
    helperFile: 'authorization.php',
    writeHelper: (code) => code,
    run: (file) => ['php', file],
    compileAll: (files) => files.map((file) => ['php', '-l', file]),
  },
];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const root = mkdtempSync(join(tmpdir(), 'mpac-pgw-samples-'));
afterAll(() => rmSync(root, { recursive: true }));

const execute = ([program = '', ...args]: readonly string[], cwd: string, keys?: Credentials) =>
  promisify(execFile)(program, args, {
    cwd,
    env: {
      ...process.env,
      ...(keys && { PGW_API_KEY: keys.apiKey, PGW_SECRET_KEY: keys.secretKey }),
      WEBHOOK_SECRET: 'test-webhook-secret',
    },
  });

/** Programs start slowly on a busy machine, compilers most of all. */
const TIMEOUT_MS = 240_000;

for (const language of LANGUAGES) {
  const missing = language.needs.filter(([program, ...args]) => !isInstalled(program, ...args));
  const suffix = missing.length === 0 ? '' : ` (needs ${missing.map(([program]) => program).join(' and ')})`;
  describe.skipIf(missing.length > 0)(`the samples in ${language.language}${suffix}`, () => {
    const folder = join(root, language.language);
    const samples = samplesIn(language.language);
    const put = (file: string, text: string) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    beforeAll(() => {
      put(language.helperFile, language.writeHelper(helperIn(language.language)));
      for (const [file, text] of Object.entries(language.extraFiles ?? {})) {
        put(file, text);
      }
    });

    it('are all correct programs', { timeout: TIMEOUT_MS }, async () => {
      const files = samples.map(({ name, text }) => {
        expect(text, name).not.toBe('');
        put(language.file(name), language.write(text, name));
        return language.file(name);
      });
      for (const command of language.compileAll(files)) {
        await execute(command, folder);
      }
    });

    it('create, retrieve, list and report a payment', { timeout: TIMEOUT_MS }, async () => {
      const merchant = await gateway.newMerchant();
      const run = async (operationId: string, change: (code: string) => string = (code) => code) => {
        const { text = '' } = samples.find((sample) => sample.operationId === operationId) ?? {};
        const name = `Run${operationId}`;
        const code = change(text).replaceAll(ADDRESS, gateway.url);
        put(language.file(name), language.write(code, name));
        return (await execute(language.run(language.file(name), name), folder, merchant)).stdout;
      };
      const bodyIn = (output: string) => JSON.parse(output.slice(output.search(/[[{]/)));

      const created = bodyIn(await run('createPaymentIntent'));
      expect(created).toMatchObject({ merchant_ref_id: 'order_12345', status: 'requires_payment_method' });
      const retrieved = await run('retrievePaymentIntent', (code) =>
        code.replaceAll(TOKEN, created.payment_token).replaceAll(ID, created.id),
      );
      expect(bodyIn(retrieved)).toMatchObject({ id: created.id, amount: 1000 });
      const listed = await run('listPaymentIntents', (code) => code.replace('status=succeeded&', ''));
      expect(bodyIn(listed)).toMatchObject([{ id: created.id }]);
      expect(bodyIn(await run('receivePayPayWebhook'))).toEqual({ received: true });
    });
  });
}

describe.skipIf(!isInstalled('curl', '--version'))('the shell commands of the API reference', () => {
  it('are accepted, all of them: their signature and form are valid', { timeout: TIMEOUT_MS }, async () => {
    const syncKey = await gateway.newSyncKey();
    const merchant = await gateway.newMerchant();
    const setup = `${LANGUAGES[0]?.writeHelper(helperIn('sh'))}
curl() { command curl -o /dev/null -w '%{http_code}' "$@"; }`;
    for (const { name, text } of samplesIn('sh')) {
      const keys = name.startsWith('sync') ? syncKey : merchant;
      const code = text.replaceAll(ADDRESS, gateway.url);
      const { stdout } = await execute(['sh', '-c', `${setup}\n${code}`], root, keys);
      // The examples' PaymentIntent does not exist; every other error is a fault of the command.
      const isByToken = /payment_token/.test(code);
      expect(['200', '201', isByToken ? '401' : '404'], text).toContain(stdout);
    }
  });
});
