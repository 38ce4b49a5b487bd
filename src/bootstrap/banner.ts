/**
 * What a start prints for the person in front of it: where things are, the demo keys, and the next command.
 */
import type { Config } from '../config.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Demo } from './demo-data.ts';

export interface Greeted {
  readonly port: number;
  readonly sandbox: Sandbox | undefined;
  /** The demo merchant's keys, when they were made just now. */
  readonly demo: Demo | undefined;
}

export function greet(print: (line: string) => void, config: Config, { port, sandbox, demo }: Greeted): void {
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
    const keys = demo ? ` --api-key ${demo.apiKey} --secret-key ${demo.secretKey}` : '';
    print('');
    print('  A complete first payment (create, confirm, pay, retrieve), signed; paste in another terminal:');
    print(`    npm run --silent pgw -- demo --url ${url}${keys}`);
  }
  print('');
}

function printDemo(print: (line: string) => void, demo: Demo): void {
  print('');
  print(`  Demo merchant ${demo.merchantId} with store ${demo.storeId}. Its keys, shown only this once:`);
  print(`    api_key        ${demo.apiKey}`);
  print(`    secret_key     ${demo.secretKey}`);
  print('  Upstream key for /v1/sync/merchants:');
  print(`    api_key        ${demo.syncApiKey}`);
  print(`    secret_key     ${demo.syncSecretKey}`);
}
