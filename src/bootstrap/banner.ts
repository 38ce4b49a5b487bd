/**
 * The banner that a start prints: addresses, the demo keys, and the command for a first payment.
 */
import type { Config } from '../config.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Demo } from './demo-data.ts';

export interface BannerData {
  readonly port: number;
  readonly sandbox: Sandbox | undefined;
  /** The demo merchant's keys, if they were created by this start. */
  readonly demo: Demo | undefined;
}

export function printBanner(
  print: (line: string) => void,
  config: Config,
  { port, sandbox, demo }: BannerData,
): void {
  const url = `http://localhost:${port}`;
  print('');
  print(`  mpac-pgw         ${url}`);
  print(`  documentation    ${url}/docs`);
  print(`  health           ${url}/health`);
  if (sandbox) {
    print(`  PayPay sandbox   ${sandbox.url}`);
  }
  if (config.metricsPort !== undefined) {
    print(`  metrics          http://localhost:${config.metricsPort}/metrics`);
  }
  if (demo) {
    printDemo(print, demo);
  }
  if (sandbox) {
    // Passed in the environment, because every user of the machine can read a program's arguments.
    const keys = demo ? `PGW_API_KEY=${demo.apiKey} PGW_SECRET_KEY=${demo.secretKey} ` : '';
    print('');
    print('  To make a first payment (create, confirm, pay, retrieve), paste in another terminal:');
    print(`    ${keys}npm run --silent pgw -- demo --url ${url}`);
  }
  print('');
}

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
