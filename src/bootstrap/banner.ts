/**
 * The banner that a start prints: addresses, the demo keys, the amounts that force an outcome, and the command for a first
 * payment.
 */
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { MAGIC_AMOUNTS } from '../sandbox/faults/magic-amounts.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { OpenedConsole } from './console/open-console.ts';
import { DEMO_KEY_FILES, DEMO_MERCHANT_ID, type Demo } from './demo-data.ts';

export interface BannerData {
  readonly port: number;
  readonly sandbox: Sandbox | undefined;
  /** The demo merchant's keys, if they were created by this start. */
  readonly demo: Demo | undefined;
  /** The operators' console, if there is one. */
  readonly operatorConsole: OpenedConsole | undefined;
}

/** The folder for data if DATA_DIR is not set. */
const DEFAULT_DATA_DIR = '.data';

export function printBanner(
  print: (line: string) => void,
  config: Config,
  { port, sandbox, demo, operatorConsole }: BannerData,
): void {
  const url = `http://localhost:${port}`;
  print('');
  print(`  mpac-pgw         ${url}`);
  print(`  documentation    ${url}/docs`);
  print(`  health           ${url}/health`);
  if (sandbox) {
    print(`  PayPay sandbox   ${sandbox.url}`);
  }
  if (operatorConsole) {
    print(`  console          ${operatorConsole.url}`);
  }
  if (config.metricsPort !== undefined) {
    print(`  metrics          http://localhost:${config.metricsPort}/metrics`);
  }
  if (demo) {
    printDemo(print, demo);
  } else if (sandbox) {
    const files = Object.values(DEMO_KEY_FILES).join(' and ');
    print('');
    print(`  Demo merchant ${DEMO_MERCHANT_ID}. Its keys are in ${resolve(config.dataDir)}: ${files}`);
  }
  if (operatorConsole?.demoLink !== undefined) {
    print('');
    print('  To look at the payments in the console as an administrator (once, within 15 minutes):');
    print(`    ${operatorConsole.demoLink}`);
  }
  if (sandbox) {
    printMagicAmounts(print, sandbox);
    print('');
    print(
      '  To make a first payment (create, confirm, pay, retrieve), paste in another terminal, in this folder:',
    );
    print(`    ${demoCommand(config, url, demo)}`);
  }
  print('');
}

/** The keys are in the environment or in a file, because every user of the machine can read a program's arguments. */
function demoCommand({ dataDir }: Config, url: string, demo: Demo | undefined): string {
  const folder = dataDir === DEFAULT_DATA_DIR ? '' : `DATA_DIR=${quote(resolve(dataDir))} `;
  const keys = demo ? `PGW_API_KEY=${demo.apiKey} PGW_SECRET_KEY=${demo.secretKey} ` : folder;
  return `${keys}npm run --silent pgw -- demo --url ${url}`;
}

/** A word for a POSIX shell. */
function quote(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function printMagicAmounts(print: (line: string) => void, sandbox: Sandbox): void {
  const names = MAGIC_AMOUNTS.filter(({ amount }) => SHOWN_AMOUNTS.includes(amount)).map(
    ({ amount, name }) => `${amount} (${name})`,
  );
  print('');
  print('  Amounts that force an outcome without a payer:');
  print(`    ${names.join(', ')}`);
  print(`    all of them: ${sandbox.url}/#magic-amounts`);
}

/** The outcomes that a first integration has to handle. */
const SHOWN_AMOUNTS = [990_001, 990_002, 990_003, 990_004, 990_011];

function printDemo(print: (line: string) => void, demo: Demo): void {
  print('');
  print(
    `  Demo merchant ${demo.merchantId} with store ${demo.storeId}. Its keys, which are shown only once:`,
  );
  print(`    api_key        ${demo.apiKey}`);
  print(`    secret_key     ${demo.secretKey}`);
  print('  Key of the upstream system, for /v1/sync/merchants:');
  print(`    api_key        ${demo.syncApiKey}`);
  print(`    secret_key     ${demo.syncSecretKey}`);
}
