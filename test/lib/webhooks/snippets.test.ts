/**
 * The snippets of the guide "Verify webhooks", unchanged: each runs if its runtime is installed. All of them must accept the
 * vector that Standard Webhooks has published, and refuse what is not authentic.
 */
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { isInstalled } from '../../support/redis.ts';

const guide = readFileSync(
  new URL('../../../src/web/docs/guides/verify-webhooks.md', import.meta.url),
  'utf8',
);
const folder = mkdtempSync(join(tmpdir(), 'mpac-pgw-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A JVM or a Go compiler takes seconds on a slow machine that is busy. */
const RUN_TIMEOUT_MS = 120_000;

const snippetOf = (language: string) =>
  new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(guide)?.[1] ?? '';

interface Language {
  readonly language: string;
  /** The program that runs it, with arguments to check that it is installed. */
  readonly needs: readonly [program: string, flag: string];
  readonly file: string;
  /**
   * The snippet in a main program, with six arguments for each webhook: body, id, timestamp, signatures, time, secrets. It
   * prints "true" or "false" for each.
   */
  program(snippet: string): string;
  run(file: string): readonly [command: string, ...args: string[]];
}

const LANGUAGES: readonly Language[] = [
  {
    language: 'sh',
    needs: ['openssl', 'version'],
    file: 'verify.sh',
    program: (snippet) => `${snippet}
body=$0.body
while [ $# -gt 0 ]; do
  printf %s "$1" > "$body"
  SECRETS=$6
  if verify_webhook "$body" "$2" "$3" "$4" "$5"; then echo true; else echo false; fi
  shift 6
done`,
    run: (file) => ['sh', file],
  },
  {
    language: 'ts',
    needs: ['node', '--version'],
    file: 'verify.mjs',
    program: (snippet) =>
      ts.transpile(
        `${snippet}
for (const rest = process.argv.slice(2); rest.length > 0; rest.splice(0, 6)) {
  const [body, id, timestamp, signatures, now, secrets] = rest as [string, string, string, string, string, string];
  console.log(isAuthentic(body, id, timestamp, signatures, secrets.split(' '), Number(now)));
}`,
        { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      ),
    run: (file) => ['node', file],
  },
  {
    language: 'python',
    needs: ['python3', '--version'],
    file: 'verify.py',
    program: (snippet) => `${snippet}
import sys
rest = sys.argv[1:]
while rest:
    body, id, timestamp, signatures, now, secrets, *rest = rest
    print(str(is_authentic(body.encode(), id, timestamp, signatures, secrets.split(" "), int(now))).lower())`,
    run: (file) => ['python3', file],
  },
  {
    language: 'go',
    needs: ['go', 'version'],
    file: 'verify.go',
    program: (snippet) =>
      `${snippet.replace('package pgw', 'package main').replace('"errors"', '"errors"\n\t"fmt"\n\t"os"')}
func main() {
	for rest := os.Args[1:]; len(rest) > 0; rest = rest[6:] {
		now, _ := strconv.ParseInt(rest[4], 10, 64)
		ok, err := IsAuthentic([]byte(rest[0]), rest[1], rest[2], rest[3], strings.Split(rest[5], " "), time.Unix(now, 0))
		if err != nil {
			panic(err)
		}
		fmt.Println(ok)
	}
}`,
    run: (file) => ['go', 'run', file],
  },
  {
    language: 'java',
    needs: ['javac', '--version'],
    file: 'Verify.java',
    // Java launches the first class of a file.
    program: (snippet) =>
      snippet.replace(
        'final class PgwWebhook',
        `class Verify {
  public static void main(String[] args) throws Exception {
    for (int i = 0; i < args.length; i += 6) {
      Instant now = Instant.ofEpochSecond(Long.parseLong(args[i + 4]));
      List<String> secrets = List.of(args[i + 5].split(" "));
      System.out.println(PgwWebhook.isAuthentic(args[i].getBytes(UTF_8), args[i + 1], args[i + 2], args[i + 3], secrets, now));
    }
  }
}

final class PgwWebhook`,
      ),
    run: (file) => ['java', file],
  },
  {
    language: 'php',
    needs: ['php', '--version'],
    file: 'verify.php',
    program: (snippet) => `${snippet}
foreach (array_chunk(array_slice($argv, 1), 6) as [$body, $id, $timestamp, $signatures, $now, $secrets])
    echo json_encode(is_authentic($body, $id, $timestamp, $signatures, explode(' ', $secrets), (int) $now)), "\\n";`,
    run: (file) => ['php', file],
  },
];

/** The vector of Standard Webhooks. */
const VECTOR = {
  body: '{"test": 2432232314}',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: '1614265330',
  signatures: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  now: '1614265330',
  secrets: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

function signed(change: Partial<typeof VECTOR>): typeof VECTOR {
  const webhook = { ...VECTOR, ...change };
  const key = Buffer.from(webhook.secrets.replace('whsec_', ''), 'base64');
  const message = `${webhook.id}.${webhook.timestamp}.${webhook.body}`;
  return { ...webhook, signatures: `v1,${createHmac('sha256', key).update(message).digest('base64')}` };
}

const bySecond = signed({ secrets: OTHER_SECRET }).signatures;

const CASES: readonly [what: string, isAuthentic: boolean, webhook: typeof VECTOR][] = [
  ['the published vector', true, VECTOR],
  ['a body in Japanese that ends with a line feed', true, signed({ body: '{"店":"渋谷"}\n' })],
  ['a changed body', false, { ...VECTOR, body: '{"test": 2432232315}' }],
  ['the body printed again', false, { ...VECTOR, body: '{"test":2432232314}' }],
  ['a changed id', false, { ...VECTOR, id: 'msg_p5jXN8AQM9LWM0D4loKWxJeX' }],
  ['a wrong secret', false, { ...VECTOR, secrets: OTHER_SECRET }],
  ['300 seconds ago', true, { ...VECTOR, now: '1614265630' }],
  ['301 seconds ago', false, { ...VECTOR, now: '1614265631' }],
  ['300 seconds ahead', true, { ...VECTOR, now: '1614265030' }],
  ['301 seconds ahead', false, { ...VECTOR, now: '1614265029' }],
  ['a changed time', false, { ...VECTOR, timestamp: '1614265331' }],
  ['a time that is not a number', false, signed({ timestamp: 'a[$(echo 1 >&2)]' })],
  ['no time', false, signed({ timestamp: '' })],
  [
    'two signatures, the second by the known secret',
    true,
    {
      ...VECTOR,
      signatures: `${bySecond} ${VECTOR.signatures}`,
    },
  ],
  [
    'two signatures, the first by the known secret',
    true,
    {
      ...VECTOR,
      signatures: `${VECTOR.signatures} ${bySecond}`,
    },
  ],
  ['two secrets, signed by the old one', true, { ...VECTOR, secrets: `${OTHER_SECRET} ${VECTOR.secrets}` }],
  [
    'two secrets, signed by neither',
    false,
    {
      ...VECTOR,
      body: '{}',
      secrets: `${OTHER_SECRET} ${VECTOR.secrets}`,
    },
  ],
  [
    'an unknown version beside a valid signature',
    true,
    {
      ...VECTOR,
      signatures: `v9,AAAA ${VECTOR.signatures}`,
    },
  ],
  [
    'the signature in another version',
    false,
    {
      ...VECTOR,
      signatures: VECTOR.signatures.replace('v1,', 'v2,'),
    },
  ],
  ['an empty signature', false, { ...VECTOR, signatures: 'v1,' }],
  ['no signature', false, { ...VECTOR, signatures: '' }],
  ['a signature that is a file name pattern', false, { ...VECTOR, signatures: 'v1,* *' }],
];

describe('the snippets of the guide "Verify webhooks"', () => {
  for (const { language, needs, file, program, run } of LANGUAGES) {
    const isThere = isInstalled(...needs);
    it.skipIf(!isThere)(
      `accept what is authentic and refuse the rest: ${language}${isThere ? '' : ` (needs ${needs[0]})`}`,
      { timeout: RUN_TIMEOUT_MS },
      () => {
        const path = join(folder, file);
        writeFileSync(path, program(snippetOf(language)));
        const [command, ...args] = run(path);
        const webhooks = CASES.flatMap(([, , { body, id, timestamp, signatures, now, secrets }]) => [
          body,
          id,
          timestamp,
          signatures,
          now,
          secrets,
        ]);
        const output = execFileSync(command, [...args, ...webhooks], {
          encoding: 'utf8',
          // Java decodes its arguments by the locale.
          env: { ...process.env, LC_ALL: 'C.UTF-8' },
        });
        const found = output.trim().split('\n');
        expect(CASES.map(([what], index) => [what, found[index]])).toEqual(
          CASES.map(([what, isAuthentic]) => [what, String(isAuthentic)]),
        );
      },
    );
  }

  it('are in exactly these languages', () => {
    const shown = [...guide.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    expect(shown.filter((language = '') => !['http', 'text'].includes(language)).sort()).toEqual(
      LANGUAGES.map(({ language }) => language).sort(),
    );
  });

  it('are checked with the vector that the guide shows', () => {
    for (const value of [VECTOR.secrets, VECTOR.id, VECTOR.timestamp, VECTOR.body, VECTOR.signatures]) {
      expect(guide).toContain(`| \`${value}\` |`);
    }
  });
});
