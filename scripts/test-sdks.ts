/**
 * Generates clients from openapi.yaml with common generators, and with each makes a signed payment against a running
 * gateway and its sandbox: create, confirm, pay, retrieve, list, refund a part. One payment passes a proxy that validates
 * by the contract. Prints how each names the type of an event. Generators without their toolchain are skipped by name.
 *
 *   npm run test:sdks                     all generators
 *   npm run test:sdks -- rust java        only these
 *   npm run test:sdks -- --cold           without the cache of earlier runs
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createClient } from '../src/client/index.ts';
import { findFreePort } from '../src/lib/net/free-port.ts';
import { type Program, startProgram, waitFor } from '../test/support/program.ts';
import { findEventType } from './sdk-event-type.ts';
import type { Sdk, Step } from './sdk-steps.ts';
import { sdks } from './sdks.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Keeps compiled libraries between runs, until the next `npm ci`. */
const CACHE = join(ROOT, 'node_modules/.cache/sdks');
/** The number of cores of a small machine; most generators use one core. */
const CONCURRENCY = 2;
const STEP_TIMEOUT_MS = 1_200_000;
const LINES_SHOWN = 25;
/** What each program refunds of its payment of 1000. */
const REFUNDED = 400;

interface Gateway {
  readonly url: string;
  readonly credentials: { readonly apiKey: string; readonly secretKey: string };
}

interface Row {
  readonly sdk: Sdk;
  readonly seconds: number;
  /** The part that failed, with its output; absent on success. */
  readonly failure?: { readonly part: string; readonly output: string };
  readonly skipped?: string;
  /** The type that a receiver of webhooks uses. */
  readonly eventType?: string;
}

const { values, positionals } = parseArgs({
  options: { cold: { type: 'boolean', default: false } },
  allowPositionals: true,
});
process.exitCode = await main(positionals);

/** @returns the exit code */
async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !sdks.some((sdk) => sdk.name === name));
  if (unknown) {
    throw new Error(`unknown generator ${unknown}; choose from ${sdks.map(({ name }) => name).join(', ')}`);
  }
  if (values.cold) {
    rmSync(CACHE, { recursive: true, force: true });
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'mpac-pgw-sdks-'));
  const [program, gateway] = await startGateway(dataDir);
  try {
    const queue = sdks.filter(({ name }) => names.length === 0 || names.includes(name));
    const rows: Row[] = [];
    const work = async () => {
      for (let sdk = queue.shift(); sdk; sdk = queue.shift()) {
        rows.push(await testSdk(sdk, gateway));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    printResults(rows);
    return rows.some(({ failure }) => failure) ? 1 : 0;
  } finally {
    await program.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function startGateway(dataDir: string): Promise<[Program, Gateway]> {
  const port = await findFreePort();
  const env = { DATA_DIR: dataDir, PORT: String(port), SANDBOX_PORT: String(await findFreePort()) };
  const program = startProgram(['start'], env);
  await waitFor(program, () => program.output().includes('paste in another terminal'));
  const [, apiKey = '', secretKey = ''] =
    /PGW_API_KEY=(\S+) PGW_SECRET_KEY=(\S+)/.exec(program.output()) ?? [];
  return [program, { url: `http://127.0.0.1:${port}`, credentials: { apiKey, secretKey } }];
}

async function testSdk(sdk: Sdk, gateway: Gateway): Promise<Row> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  for (const need of sdk.needs) {
    const missing = await run(need, ROOT);
    if (missing !== undefined) {
      return { sdk, seconds: seconds(), skipped: `${need.command} is not installed, or too old: ${missing}` };
    }
  }
  print(`${sdk.generator} …`);
  const failure = await runSteps(sdk, gateway);
  if (failure || !sdk.hasTypes) {
    return { sdk, seconds: seconds(), ...(failure && { failure }) };
  }
  const eventType = findEventType(folderOf(sdk));
  return eventType === undefined
    ? { sdk, seconds: seconds(), failure: { part: 'generate', output: 'made no type of the schema Event' } }
    : { sdk, seconds: seconds(), eventType };
}

async function runSteps(sdk: Sdk, gateway: Gateway): Promise<Row['failure']> {
  const folder = folderOf(sdk);
  mkdirSync(folder, { recursive: true });
  // Keeps the modification times, so that unchanged files are not compiled again.
  const copy = { recursive: true, preserveTimestamps: true };
  cpSync(join(ROOT, 'test/sdks', sdk.name), folder, copy);
  cpSync(join(ROOT, 'openapi.yaml'), join(folder, 'openapi.yaml'), copy);
  const reference = `sdk_${sdk.name}_${performance.now()}`;
  const env = {
    PGW_URL: gateway.url,
    PGW_API_KEY: gateway.credentials.apiKey,
    PGW_SECRET_KEY: gateway.credentials.secretKey,
    PGW_REF: reference,
  };
  const parts = {
    generate: sdk.generate,
    compile: sdk.compile,
    run: [{ ...sdk.run, env: { ...sdk.run.env, ...env } }],
  };
  for (const [part, steps] of Object.entries(parts)) {
    for (const step of steps) {
      const output = await run(step, folder);
      if (output !== undefined) {
        return { part, output: `${step.command} ${step.args.join(' ')}\n${output}` };
      }
    }
  }
  return missingPayment(gateway, reference);
}

function folderOf({ name }: Sdk): string {
  return join(CACHE, name);
}

/** Checks that the gateway has the program's payment and refund, because a successful exit alone does not prove them. */
async function missingPayment({ url, credentials }: Gateway, reference: string): Promise<Row['failure']> {
  const client = createClient({ baseUrl: url, credentials });
  const found = await client.listPaymentIntents({ merchant_ref_id: reference });
  const [intent] = found;
  const refunds = intent ? await client.listRefunds({ payment_intent_id: intent.id }) : [];
  const isPaid = found.length === 1 && intent?.status === 'succeeded';
  const isRefunded = refunds.length === 1 && refunds[0]?.amount === REFUNDED;
  return isPaid && isRefunded
    ? undefined
    : { part: 'run', output: `the gateway has ${JSON.stringify([...found, ...refunds])}` };
}

/** @returns the output of the command if it failed, and undefined otherwise */
async function run({ command, args, env }: Step, cwd: string): Promise<string | undefined> {
  try {
    await promisify(execFile)(command, args, {
      cwd,
      env: { ...process.env, ...env },
      timeout: STEP_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    return undefined;
  } catch (error) {
    const failure = error as Error & { stdout?: string; stderr?: string; killed?: boolean };
    const { stdout = '', stderr = '', message, killed } = failure;
    const reason = killed ? `stopped after ${STEP_TIMEOUT_MS / 1000} seconds` : message;
    return (`${stdout}\n${stderr}`.trim() || reason).split('\n').slice(-LINES_SHOWN).join('\n');
  }
}

function printResults(rows: readonly Row[]): void {
  for (const { sdk, failure } of rows) {
    if (failure) {
      print(`\n${sdk.generator}: ${failure.part} failed\n${failure.output}`);
    }
  }
  const table = rows.map(({ sdk, seconds, failure, skipped, eventType = '-' }) => {
    const parts = ['generate', 'compile', 'run'];
    const failedAt = failure ? parts.indexOf(failure.part) : parts.length;
    const marks = parts.map((_, index) =>
      skipped ? 'skipped' : index < failedAt ? 'ok' : index === failedAt ? 'FAILED' : '-',
    );
    return [sdk.generator, sdk.version, ...marks, seconds.toFixed(0), eventType];
  });
  const lines = [
    ['generator', 'version', 'generate', 'compile', 'run', 'seconds', 'type of an event'],
    ...table,
  ];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  print('');
  for (const line of lines) {
    print(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
  for (const { sdk, skipped } of rows) {
    if (skipped) {
      print(`skipped: ${sdk.generator} (${skipped})`);
    }
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
