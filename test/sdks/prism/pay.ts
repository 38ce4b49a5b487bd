/**
 * A payment and a refund through Prism, a proxy that validates by the contract: it refuses requests and responses that the contract
 * does not allow. Without a generated client, so that nothing but the contract decides what is sent.
 */
import { spawn } from 'node:child_process';
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const { PGW_URL = '', PGW_API_KEY = '', PGW_SECRET_KEY = '', PGW_REF = '' } = process.env;
const INTENTS = '/v1/payment_intents';
const REFUNDS = '/v1/refunds';

const port = await freePort();
const prism = spawn(
  process.execPath,
  ['node_modules/@stoplight/prism-cli/dist/index.js', 'proxy', 'openapi.yaml', PGW_URL, '--errors'].concat([
    '--port',
    String(port),
  ]),
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
try {
  await listening();
  await pay();
} finally {
  prism.kill();
}

async function pay(): Promise<void> {
  const created = await call(201, 'POST', INTENTS, {
    isSigned: true,
    headers: { 'Idempotency-Key': randomUUID() },
    body: { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: PGW_REF },
  });
  const { id, payment_token } = created;
  const path = `${INTENTS}/${id}`;
  const token = `payment_token=${payment_token}`;
  const method = { payment_method_type: 'qr_mpm', provider: 'PAYPAY' };

  const confirmed = await call(200, 'POST', `${path}/confirm?${token}`, { body: method });
  // The same code again, by the merchant's signature.
  await call(200, 'POST', `${path}/confirm`, { isSigned: true, body: { payment_token, ...method } });
  for (const picture of ['qr.svg', 'qr.png']) {
    await call(200, 'GET', `${path}/${picture}?${token}`);
  }
  await call(401, 'GET', `${path}?payment_token=wrong`);
  await call(404, 'GET', `${INTENTS}/pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q`, { isSigned: true });
  await call(200, 'GET', '/health?probe=1');
  await call(200, 'GET', '/ready?probe=1');

  await fetch(new URL('/_control/pay', confirmed.qr_content), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ qr_content: confirmed.qr_content }),
  });
  let intent = await call(200, 'GET', `${path}?${token}`);
  while (intent.status === 'requires_action' || intent.status === 'processing') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    intent = await call(200, 'GET', `${path}?${token}`);
  }
  await call(400, 'POST', `${path}/cancel?${token}`);
  const listed = await call(200, 'GET', `${INTENTS}?merchant_ref_id=${PGW_REF}&limit=10`, { isSigned: true });
  if (listed.length !== 1 || listed[0].id !== id) {
    throw new Error('the list lacks the payment');
  }
  process.stdout.write(`${id} ${intent.status}, refund ${await refund(id)}\n`);
}

/** @returns the status of the refund */
async function refund(intentId: string): Promise<string> {
  const body = { payment_intent_id: intentId, amount: 400, reason: 'requested_by_customer' };
  const headers = { 'Idempotency-Key': randomUUID() };
  const { id } = await call(201, 'POST', REFUNDS, { isSigned: true, headers, body });
  const readBack = await call(200, 'GET', `${REFUNDS}/${id}`, { isSigned: true });
  const listed = await call(200, 'GET', `${REFUNDS}?payment_intent_id=${intentId}`, { isSigned: true });
  if (readBack.amount !== 400 || readBack.status === 'failed' || listed.length !== 1) {
    throw new Error('the refund was not read back');
  }
  await call(400, 'POST', REFUNDS, { isSigned: true, body: { ...body, amount: 601 } });
  return readBack.status;
}

interface Options {
  readonly isSigned?: boolean;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

/** @throws when the status is another one, or Prism found that the request or the response breaks the contract */
async function call(
  status: number,
  method: string,
  target: string,
  { isSigned = false, headers = {}, body }: Options = {},
  // biome-ignore lint/suspicious/noExplicitAny: Prism has validated it
): Promise<any> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const response = await fetch(`http://127.0.0.1:${port}${target}`, {
    method,
    headers: {
      ...(body && { 'Content-Type': 'application/json' }),
      ...(isSigned && { Authorization: authorizationOf(method, target.split('?')[0] ?? '', text) }),
      ...headers,
    },
    ...(body && { body: text }),
  });
  const content = await response.text();
  const violations = response.headers.get('sl-violations');
  if (response.status !== status || violations !== null || content.includes('stoplight.io/prism')) {
    throw new Error(`${method} ${target}: ${response.status} ${content} ${violations ?? ''}`);
  }
  return response.headers.get('Content-Type')?.startsWith('application/json') ? JSON.parse(content) : content;
}

/** Signs a request by the documented rule. */
function authorizationOf(method: string, path: string, body: string): string {
  const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');
  const timestamp = Math.floor(Date.now() / 1000);
  const message = [method, path, timestamp, sha256(body)].join('\n');
  const signature = createHmac('sha256', sha256(PGW_SECRET_KEY)).update(message).digest('hex');
  return `HMAC-SHA256 ${PGW_API_KEY}:${timestamp}:${signature}`;
}

function listening(): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    prism.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('Prism is listening')) {
        resolve();
      }
    });
    prism.once('exit', () => reject(new Error(`Prism did not start: ${output}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
