/**
 * `pgw sandbox`: only the PayPay simulator, for a gateway that runs elsewhere or for other PayPay clients.
 */
import type { Config } from '../config.ts';
import { createLog } from '../lib/log.ts';
import { openSandbox, sandboxSecrets } from './runtime-resources.ts';
import { runUntilSignal } from './shutdown.ts';

export async function runSandbox(
  config: Config,
  { webhookUrl, allowRemoteWebhooks }: { webhookUrl: string | undefined; allowRemoteWebhooks: boolean },
  print: (line: string) => void,
): Promise<void> {
  const log = createLog(config.logLevel);
  await runUntilSignal(log, async (disposers) => {
    const sandbox = await openSandbox(config, log, disposers, { allowRemoteWebhooks });
    sandbox.webhooks.url = webhookUrl ?? `http://127.0.0.1:${config.http.port}/v1/webhooks/paypay`;
    const { apiKey, apiSecret, webhookSecret } = await sandboxSecrets(config);
    print(`PayPay sandbox          ${sandbox.url}`);
    print(`PAYPAY_API_KEY          ${apiKey}`);
    print(`PAYPAY_API_SECRET       ${apiSecret}`);
    print(`PAYPAY_WEBHOOK_SECRET   ${webhookSecret}`);
    print(`webhooks go to          ${sandbox.webhooks.url}`);
    return async () => undefined;
  });
}
