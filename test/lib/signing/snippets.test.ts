/**
 * The snippets of the signing guide, unchanged: each runs if its runtime is installed, and must sign every test vector. The
 * guide's shell commands run against a gateway.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { isInstalled } from '../../support/redis.ts';
import { credentials, vectors } from './vectors.ts';

const guide = readFileSync(new URL('../../../src/web/docs/guides/signing.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'mpac-pgw-snippets-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The code blocks of a language, from top to bottom. */
const blocksOf = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code = '']) => code,
  );

interface Language {
  readonly language: string;
  /** The program that runs it, with arguments to check that it is installed. */
  readonly needs: readonly [program: string, flag: string];
  readonly file: string;
  /** The snippet in a main program, whose arguments are the keys and four for each request. It prints a line for each. */
  program(snippet: string): string;
  run(file: string): readonly [command: string, ...args: string[]];
}

const LANGUAGES: readonly Language[] = [
  {
    language: 'sh',
    needs: ['openssl', 'version'],
    file: 'sign.sh',
    program: (snippet) => `${snippet.replace(/^(API|SECRET)_KEY=.*\n/gm, '')}
API_KEY=$1 SECRET_KEY=$2; shift 2
while [ $# -gt 0 ]; do authorization "$1" "$2" "$3" "$4"; shift 4; done`,
    run: (file) => ['sh', file],
  },
  {
    language: 'ts',
    needs: ['node', '--version'],
    file: 'sign.mjs',
    program: (snippet) =>
      ts.transpile(
        `${snippet}
const [apiKey = '', secretKey = '', ...rest] = process.argv.slice(2);
for (; rest.length > 0; rest.splice(0, 4)) {
  const [method, path, body, time] = rest as [string, string, string, string];
  console.log(authorization(apiKey, secretKey, method, path, body, Number(time)));
}`,
        { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      ),
    run: (file) => ['node', file],
  },
  {
    language: 'python',
    needs: ['python3', '--version'],
    file: 'sign.py',
    program: (snippet) => `${snippet}
import sys
key, secret, *rest = sys.argv[1:]
while rest:
    method, path, body, time, *rest = rest
    print(authorization(key, secret, method, path, body.encode(), int(time)))`,
    run: (file) => ['python3', file],
  },
  {
    language: 'go',
    needs: ['go', 'version'],
    file: 'sign.go',
    program: (snippet) =>
      `${snippet.replace('package pgw', 'package main').replace('"fmt"', '"fmt"\n\t"os"\n\t"strconv"')}
func main() {
	for rest := os.Args[3:]; len(rest) > 0; rest = rest[4:] {
		seconds, _ := strconv.ParseInt(rest[3], 10, 64)
		fmt.Println(Authorization(os.Args[1], os.Args[2], rest[0], rest[1], []byte(rest[2]), time.Unix(seconds, 0)))
	}
}`,
    run: (file) => ['go', 'run', file],
  },
  {
    language: 'java',
    needs: ['javac', '--version'],
    file: 'Sign.java',
    // Java launches the first class of a file.
    program: (snippet) =>
      snippet.replace(
        'final class PgwSignature',
        `class Sign {
  public static void main(String[] args) throws Exception {
    for (int i = 2; i < args.length; i += 4) {
      Instant time = Instant.ofEpochSecond(Long.parseLong(args[i + 3]));
      System.out.println(PgwSignature.authorization(args[0], args[1], args[i], args[i + 1], args[i + 2].getBytes(UTF_8), time));
    }
  }
}

final class PgwSignature`,
      ),
    run: (file) => ['java', file],
  },
  {
    language: 'php',
    needs: ['php', '--version'],
    file: 'sign.php',
    program: (snippet) => `${snippet}
[$apiKey, $secretKey] = array_slice($argv, 1, 2);
foreach (array_chunk(array_slice($argv, 3), 4) as [$method, $path, $body, $time])
    echo authorization($apiKey, $secretKey, $method, $path, $body, (int) $time), "\\n";`,
    run: (file) => ['php', file],
  },
];

/** The vectors as arguments of a program, four each. */
const requests = vectors.flatMap(({ method, path, body, timestamp }) => [
  method,
  path,
  body,
  String(timestamp),
]);

describe('the snippets of the signing guide', () => {
  for (const { language, needs, file, program, run } of LANGUAGES) {
    const isThere = isInstalled(...needs);
    it.skipIf(!isThere)(`sign every test vector: ${language}${isThere ? '' : ` (needs ${needs[0]})`}`, () => {
      const path = join(folder, file);
      writeFileSync(path, program(blocksOf(language)[0] ?? ''));
      const [command, ...args] = run(path);
      const output = execFileSync(
        command,
        [...args, credentials.apiKey, credentials.secretKey, ...requests],
        {
          encoding: 'utf8',
          // Java decodes its arguments by the locale.
          env: { ...process.env, LC_ALL: 'C.UTF-8' },
        },
      );
      expect(output.trim().split('\n')).toEqual(vectors.map(({ authorization }) => authorization));
    });
  }

  it.skipIf(!isInstalled('openssl', 'version'))('agree with the shell of the README (needs openssl)', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, functions = ''] = /^```sh\nAPI_KEY=.*\n\n(sign\(\)[\s\S]*?)^```$/m.exec(readme) ?? [];
    const program = `${functions}
API_KEY=$1 SECRET_KEY=$2; shift 2
date() { printf %s "$now"; }
while [ $# -gt 0 ]; do now=$4; sign "$1" "$2" "$3"; echo; shift 4; done`;
    const { apiKey, secretKey } = credentials;
    const args = ['-c', program, 'sh', apiKey, secretKey, ...requests];
    const output = execFileSync('sh', args, { encoding: 'utf8' });
    expect(output.trim().split('\n')).toEqual(vectors.map(({ authorization }) => authorization));
  });

  it('are in exactly these languages', () => {
    const shown = [...guide.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    const others = ['console', 'json'];
    expect(new Set(shown.filter((language = '') => !others.includes(language)))).toEqual(
      new Set(LANGUAGES.map(({ language }) => language)),
    );
  });
});

const hasTools = isInstalled('openssl', 'version') && isInstalled('curl', '--version');

describe.skipIf(!hasTools)(
  `the shell of the signing guide${hasTools ? '' : ' (needs openssl and curl)'}`,
  () => {
    let gateway: TestGateway;
    let answers: unknown[];
    beforeAll(async () => {
      gateway = await startTestGateway();
      const { apiKey, secretKey } = await gateway.newMerchant();
      const script = ['curl() { command curl "$@"; echo; }', ...blocksOf('sh')]
        .join('\n')
        .replace('ak_...', apiKey)
        .replace('sk_...', secretKey)
        .replaceAll('http://localhost:8080', gateway.url);
      const { stdout } = await promisify(execFile)('sh', ['-c', script]);
      answers = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    });
    afterAll(() => gateway.close());

    it('creates and lists a PaymentIntent', () => {
      const [created, list] = answers;
      expect(created).toMatchObject({ merchant_ref_id: 'order_12345', status: 'requires_payment_method' });
      expect(list).toMatchObject([{ merchant_ref_id: 'order_12345' }]);
    });

    it('gets a refused signature explained, as the guide shows', () => {
      const [shown = ''] = blocksOf('json');
      const { string_to_sign, clock_skew_seconds: _, ...expected } = JSON.parse(shown);
      expect(answers[2]).toMatchObject(expected);
      const [, , , hash] = string_to_sign.split('\n');
      expect(hash).toBe(expected.body_sha256);
    });
  },
);
