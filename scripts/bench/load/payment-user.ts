/**
 * A virtual user of whole payments: confirm at the gateway, pay as the payer in the sandbox, look until the intent has succeeded.
 * In between the sandbox sends its webhook and the gateway reads the payment from it.
 */
import { intentId, paymentToken } from '../data/seeded.ts';
import { HttpConnection } from './http-connection.ts';
import type { IntentRange } from './job.ts';
import { get, post } from './requests.ts';
import type { VirtualUser } from './virtual-users.ts';

/** A till looks more often than PayPay advises, but not so often that the looking is the load. */
const POLL_INTERVAL_MS = 250;
const MAX_POLLS = 120;

/** Takes each intent of the range once. */
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
  for (let looks = 0; looks < MAX_POLLS; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    const intent = (await ask(gateway, get(`${path}?payment_token=${token}`))) as { status: string };
    if (intent.status === 'succeeded') {
      return;
    }
  }
  throw new Error(`${intentId(n)} was paid and does not succeed`);
}

/** One request and its answer's body; anything but success is thrown. */
export function ask(connection: HttpConnection, request: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onAnswer = (status: number, body: string) => {
      if (status >= 200 && status < 300) {
        resolve(JSON.parse(body));
      } else {
        reject(new Error(`answered ${status} ${body}`));
      }
    };
    connection.send(request, onAnswer, true);
  });
}
