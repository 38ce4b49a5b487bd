/**
 * A virtual user that sends the sandbox the same requests as a payment through the gateway: create a code, pay it (the
 * webhook goes to a sink), read the payment. The result is the maximum that any gateway can reach with this sandbox.
 */
import { randomUUID } from 'node:crypto';
import { newId } from '../../../src/lib/ids.ts';
import { authorizationFor } from '../../../src/providers/paypay/signature.ts';
import { HttpConnection } from './http-connection.ts';
import { ask } from './payment-user.ts';
import { post } from './requests.ts';
import type { VirtualUser } from './virtual-users.ts';

interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

const JSON_TYPE = 'application/json';

export async function openPayPayVirtualUser(
  sandboxPort: number,
  credentials: Credentials,
): Promise<VirtualUser> {
  const sandbox = await HttpConnection.open(sandboxPort);
  return {
    run(onDone) {
      void payOnce(sandbox, credentials).then(
        () => onDone(undefined),
        (error: unknown) => onDone((error as Error).message),
      );
    },
    close: () => sandbox.close(),
  };
}

async function payOnce(sandbox: HttpConnection, credentials: Credentials): Promise<void> {
  const now = new Date();
  const merchantPaymentId = newId('pa', now);
  const input = {
    merchantPaymentId,
    amount: { amount: 1000, currency: 'JPY' },
    codeType: 'ORDER_QR',
    requestedAt: Math.floor(now.getTime() / 1000),
    storeId: 'store_001',
  };
  const created = await ask(sandbox, signed(credentials, 'POST', '/v2/codes', JSON.stringify(input)));
  const { url } = (created as { data: { url: string } }).data;
  await ask(sandbox, post('/_control/pay', JSON.stringify({ qr_content: url })));
  await ask(sandbox, signed(credentials, 'GET', `/v2/codes/payments/${merchantPaymentId}`, undefined));
}

function signed(credentials: Credentials, method: string, path: string, body: string | undefined): string {
  const authorization = authorizationFor({
    ...credentials,
    method,
    path,
    content: body === undefined ? undefined : { type: JSON_TYPE, body: Buffer.from(body) },
    nonce: randomUUID(),
    epoch: Math.floor(Date.now() / 1000),
  });
  const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${authorization}\r\nx-assume-merchant: paypay_bench\r\n`;
  if (body === undefined) {
    return `${head}\r\n`;
  }
  return `${head}content-type: ${JSON_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
