/**
 * A virtual user that makes complete payments: confirm at the gateway, pay in the sandbox as the payer, poll until the
 * intent has succeeded. Meanwhile the sandbox sends its webhook and the gateway reads the payment.
 */
import { intentId, paymentToken } from '../data/seeded.ts';
import { HttpConnection } from './http-connection.ts';
import type { IntentRange } from './job.ts';
import { get, post } from './requests.ts';
import type { VirtualUser } from './virtual-users.ts';

/** More often than PayPay advises, as a till would, but not so often that polling dominates the load. */
const POLL_INTERVAL_MS = 250;
const MAX_POLLS = 120;

/** Returns each number of the range once, then undefined. */
export function numbersOf({ first, count }: IntentRange): () => number | undefined {
  let taken = 0;
  return () => {
    if (taken === count) {
      return undefined;
    }
    taken += 1;
    return first + taken - 1;
  };
}

export async function openPaymentVirtualUser(
  gatewayPort: number,
  sandboxPort: number,
  nextNumber: () => number | undefined,
): Promise<VirtualUser> {
  const gateway = await HttpConnection.open(gatewayPort);
  const sandbox = await HttpConnection.open(sandboxPort);
  return {
    run(onDone) {
      const n = nextNumber();
      if (n === undefined) {
        onDone('the seeded intents are used up');
      } else {
        void payOnce(gateway, sandbox, n).then(
          () => onDone(undefined),
          (error: unknown) => onDone((error as Error).message),
        );
      }
    },
    close() {
      gateway.close();
      sandbox.close();
    },
  };
}

async function payOnce(gateway: HttpConnection, sandbox: HttpConnection, n: number): Promise<void> {
  const path = `/v1/payment_intents/${intentId(n)}`;
  const token = paymentToken(n);
  const input = { payment_token: token, payment_method_type: 'qr_mpm', provider: 'PAYPAY' };
  const code = (await ask(gateway, post(`${path}/confirm`, JSON.stringify(input)))) as { qr_content: string };
  await ask(sandbox, post('/_control/pay', JSON.stringify({ qr_content: code.qr_content })));
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    const intent = (await ask(gateway, get(`${path}?payment_token=${token}`))) as { status: string };
    if (intent.status === 'succeeded') {
      return;
    }
  }
  throw new Error(`${intentId(n)} was paid but has not succeeded`);
}

/** Sends one request and returns the parsed body of its response; throws if the status is not 2xx. */
export function ask(connection: HttpConnection, request: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onResponse = (status: number, body: string) => {
      if (status >= 200 && status < 300) {
        resolve(JSON.parse(body));
      } else {
        reject(new Error(`answered ${status} ${body}`));
      }
    };
    connection.send(request, onResponse, true);
  });
}
