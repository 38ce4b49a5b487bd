/**
 * Fidelity: PayPay's official SDK for Node, version 2.2.0 and unmodified, works with the sandbox over HTTPS.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { API_KEY, API_SECRET, makeCodeBody } from '../support/paypay-client.ts';
import { makeSelfSignedCertificate } from '../support/self-signed-certificate.ts';

interface SdkResponse {
  readonly id: number;
  readonly status?: number;
  readonly body?: {
    readonly resultInfo: { readonly code: string; readonly codeId: string };
    readonly data: Record<string, unknown> | null;
  };
  readonly error?: string;
}

const MERCHANT_ID = '600000000000000042';
const folder = mkdtempSync(join(tmpdir(), 'sandbox-sdk-'));
const caPath = join(folder, 'ca.pem');
let sandbox: Sandbox;
let client: ChildProcess;
let lastId = 0;

beforeAll(async () => {
  const tls = makeSelfSignedCertificate();
  sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }], tls });
  writeFileSync(caPath, tls.cert);
  client = await startSdk(API_SECRET);
});

afterAll(async () => {
  client.kill();
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

async function startSdk(secret: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../support/sdk-process.ts', import.meta.url));
  const started = fork(script, ['127.0.0.1', String(sandbox.port), API_KEY, secret, MERCHANT_ID], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: caPath },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await nextResponse(started, 0);
  return started;
}

function nextResponse(from: ChildProcess, id: number): Promise<SdkResponse> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('the SDK process ended'));
    from.once('exit', onExit);
    from.on('message', function onMessage(answer: SdkResponse) {
      if (answer.id === id) {
        from.off('message', onMessage);
        from.off('exit', onExit);
        resolve(answer);
      }
    });
  });
}

function sdk(method: string, ...args: unknown[]): Promise<SdkResponse> {
  lastId += 1;
  const answer = nextResponse(client, lastId);
  client.send({ id: lastId, method, args });
  return answer;
}

async function pay(merchantPaymentId: string): Promise<string> {
  const result = await sandbox.pay({ merchantPaymentId });
  if (!result.isAccepted) {
    throw new Error(result.message);
  }
  return result.payment.paymentId ?? '';
}

function refundBody(merchantRefundId: string, paymentId: string): object {
  return { merchantRefundId, paymentId, amount: { amount: 1200, currency: 'JPY' }, reason: '返金' };
}

describe("PayPay's Node SDK 2.2.0", () => {
  test('creates a code, reads it unpaid, deletes it, and then does not find it', async () => {
    const created = await sdk('QRCodeCreate', makeCodeBody('sdk-delete'));
    expect(created).toMatchObject({
      status: 201,
      body: { resultInfo: { code: 'SUCCESS', codeId: '08100001' } },
    });
    const codeId = created.body?.data?.['codeId'];
    const unpaid = await sdk('GetCodePaymentDetails', ['sdk-delete']);
    expect(unpaid).toMatchObject({ status: 200, body: { data: { status: 'CREATED' } } });
    const deleted = await sdk('QRCodeDelete', [codeId]);
    expect(deleted).toMatchObject({ status: 200, body: { data: { qrStatus: 'DELETED' } } });
    const gone = await sdk('GetCodePaymentDetails', ['sdk-delete']);
    expect(gone).toMatchObject({
      status: 400,
      body: { resultInfo: { code: 'DYNAMIC_QR_PAYMENT_NOT_FOUND' } },
    });
  });

  test('reads a paid payment, refunds it, and reads the refund with and without paymentId', async () => {
    await sdk('QRCodeCreate', makeCodeBody('sdk-refund'));
    const paymentId = await pay('sdk-refund');
    const paid = await sdk('GetCodePaymentDetails', ['sdk-refund']);
    expect(paid).toMatchObject({ status: 200, body: { data: { status: 'COMPLETED', paymentId } } });
    const refund = await sdk('PaymentRefund', refundBody('sdk-rf-1', paymentId));
    expect(refund).toMatchObject({
      status: 200,
      body: { data: { status: 'CREATED', merchantRefundId: 'sdk-rf-1' } },
    });
    const details = await sdk('GetRefundDetails', ['sdk-rf-1']);
    expect(details).toMatchObject({
      status: 200,
      body: { data: { merchantRefundId: 'sdk-rf-1', paymentId } },
    });
    const named = await sdk('GetRefundDetails', [`sdk-rf-1?paymentId=${paymentId}`]);
    expect(named).toMatchObject({ status: 200, body: { data: { paymentId } } });
  });

  test('cancels a paid payment, whose status is then FAILED', async () => {
    await sdk('QRCodeCreate', makeCodeBody('sdk-cancel'));
    await pay('sdk-cancel');
    const cancelled = await sdk('PaymentCancel', ['sdk-cancel']);
    expect(cancelled).toMatchObject({ status: 202, body: { resultInfo: { code: 'REQUEST_ACCEPTED' } } });
    const details = await sdk('GetCodePaymentDetails', ['sdk-cancel']);
    expect(details).toMatchObject({ status: 200, body: { data: { status: 'FAILED' } } });
  });

  test('acts for the merchant in X-ASSUME-MERCHANT', async () => {
    await sdk('QRCodeCreate', makeCodeBody('sdk-merchant'));
    const payment = sandbox.ledger().find((one) => one.merchantPaymentId === 'sdk-merchant');
    expect(payment?.merchantId).toBe(MERCHANT_ID);
  });

  test.each([
    ['QRCodeCreate', [makeCodeBody('not acceptable')], 400, 'INVALID_REQUEST_PARAMS'],
    ['QRCodeDelete', [['04-AAAAAAAAAAAAAAAA']], 404, 'DYNAMIC_QR_NOT_FOUND'],
    ['GetCodePaymentDetails', [['nobody']], 400, 'DYNAMIC_QR_PAYMENT_NOT_FOUND'],
    ['PaymentCancel', [['nobody']], 404, 'RESOURCE_NOT_FOUND'],
    ['PaymentRefund', [refundBody('rf', '04999')], 404, 'RESOURCE_NOT_FOUND'],
    ['GetRefundDetails', [['nobody']], 404, 'NO_SUCH_REFUND_ORDER'],
    ['CreatePayment', [makeCodeBody('native')], 401, 'OP_OUT_OF_SCOPE'],
    ['PaymentPreauthorize', [makeCodeBody('native')], 401, 'OP_OUT_OF_SCOPE'],
    ['PaymentAuthCapture', [{}], 401, 'OP_OUT_OF_SCOPE'],
    ['PaymentAuthRevert', [{}], 401, 'OP_OUT_OF_SCOPE'],
    ['CreatePendingPayment', [{}], 401, 'OP_OUT_OF_SCOPE'],
    ['CashBack', [{}], 401, 'OP_OUT_OF_SCOPE'],
    ['AccountLinkQRCodeCreate', [{}], 401, 'OP_OUT_OF_SCOPE'],
    ['CheckUserWalletBalance', [['user', '1', 'JPY']], 401, 'OP_OUT_OF_SCOPE'],
  ])('%s: reports the error of case %#', async (method, args, status, code) => {
    const answer = await sdk(method, ...args);
    expect(answer).toMatchObject({ status, body: { resultInfo: { code } } });
    expect(answer.body?.resultInfo.codeId).toMatch(/^\d{8}$/);
  });

  test('reports a duplicate merchantPaymentId', async () => {
    await sdk('QRCodeCreate', makeCodeBody('sdk-twice'));
    const second = await sdk('QRCodeCreate', makeCodeBody('sdk-twice'));
    expect(second).toMatchObject({
      status: 400,
      body: { resultInfo: { code: 'DUPLICATE_DYNAMIC_QR_REQUEST' } },
    });
  });

  test('is rejected with a wrong secret', async () => {
    const unauthorized = await startSdk('wrong_secret');
    const answer = nextResponse(unauthorized, 1);
    unauthorized.send({ id: 1, method: 'GetCodePaymentDetails', args: [['sdk-cancel']] });
    expect(await answer).toMatchObject({
      status: 401,
      body: { resultInfo: { code: 'UNAUTHORIZED', codeId: '08100016' } },
    });
    unauthorized.kill();
  });

  test('reports a reset connection as an error without a status', async () => {
    sandbox.faults.add({ operation: 'paymentDetails', kind: 'reset', when: 'before' });
    const answer = await sdk('GetCodePaymentDetails', ['sdk-cancel']);
    expect(answer.status).toBeUndefined();
    expect(answer.error).toEqual(expect.any(String));
  });
});
