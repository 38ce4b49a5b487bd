/**
 * Starts the PayPay simulator in a separate process.
 */
import { join } from 'node:path';
import { findFreePort } from '../../../src/lib/net/free-port.ts';
import { type Program, spawnNode } from './program.ts';

export interface PayPaySandbox {
  readonly url: string;
  readonly port: number;
  readonly program: Program;
  /** The gateway's environment variables for this sandbox. */
  readonly credentials: typeof CREDENTIALS;
}

const PROGRAM = new URL('../../../dist/src/cli/pgw.js', import.meta.url).pathname;
const CREDENTIALS = {
  PAYPAY_API_KEY: 'bench-key',
  PAYPAY_API_SECRET: 'bench-secret',
  PAYPAY_WEBHOOK_SECRET: 'bench-webhook-secret',
} as const;

/** @param webhookPort the local port to which it sends webhooks */
export async function startSandbox(
  name: string,
  folder: string,
  webhookPort: number,
): Promise<PayPaySandbox> {
  const port = await findFreePort();
  const webhookUrl = `http://127.0.0.1:${webhookPort}/v1/webhooks/paypay`;
  const program = await spawnNode(name, [PROGRAM, 'sandbox', '--webhook-url', webhookUrl], {
    SANDBOX_PORT: String(port),
    DATA_DIR: join(folder, name),
    ...CREDENTIALS,
  });
  await program.waitUntil(() => program.output().includes('webhooks go to'));
  return { url: `http://127.0.0.1:${port}`, port, program, credentials: CREDENTIALS };
}
