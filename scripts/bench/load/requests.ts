/**
 * Builds the requests of the load as text to send, each signed as by a merchant's server.
 */
import { sign } from '../../../src/lib/signing.ts';
import { intentId, paymentToken, STORES } from '../data/seeded.ts';
import type { IntentRange, Key, Plan } from './job.ts';

export interface Request {
  readonly text: string;
  readonly expectedStatus: number;
}

const CREATE_PATH = '/v1/payment_intents';

/** Returns a function that builds the plan's next request. */
export function requestsOf(plan: Plan): () => Request {
  switch (plan.kind) {
    case 'get': {
      const request = { text: get(plan.path), expectedStatus: 200 };
      return () => request;
    }
    case 'create':
      return creates(plan.keys, plan.withIdempotencyKey);
    case 'retrieve':
      return retrieves(plan.intents);
    case 'list':
      return lists(plan.keys, plan.queries);
    case 'mix': {
      const kinds = [
        creates(plan.keys, true),
        creates(plan.keys, false),
        retrieves(plan.intents),
        retrieves(plan.intents),
        retrieves(plan.intents),
        lists(plan.keys, ['?limit=5', '?status=succeeded&limit=5']),
        () => ({ text: get('/health'), expectedStatus: 200 }),
      ];
      let sent = 0;
      return () => {
        sent += 1;
        return (kinds[sent % kinds.length] ?? fail)();
      };
    }
  }
}

function creates(keys: readonly Key[], withIdempotencyKey: boolean): () => Request {
  const run = `${process.pid}_${Date.now().toString(36)}`;
  let sent = 0;
  return () => {
    sent += 1;
    const body = JSON.stringify({
      amount: 1000 + (sent % 9000),
      currency: 'JPY',
      payment_method_types: ['qr_mpm'],
      merchant_ref_id: `order_${run}_${sent}`,
      merchant_store_id: STORES[sent % STORES.length],
      merchant_terminal_id: 'terminal_001',
      description: `Order #${sent}`,
      // Long enough that no worker expires them while something else is measured.
      expires_in_minutes: 1440,
    });
    const idempotency = withIdempotencyKey ? `idempotency-key: ${run}_${sent}\r\n` : '';
    return { text: signed(keyOf(keys, sent), 'POST', CREATE_PATH, body, idempotency), expectedStatus: 201 };
  };
}

function retrieves({ first, count }: IntentRange): () => Request {
  let sent = 0;
  return () => {
    const n = first + (sent % count);
    sent += 1;
    return {
      text: get(`${CREATE_PATH}/${intentId(n)}?payment_token=${paymentToken(n)}`),
      expectedStatus: 200,
    };
  };
}

function lists(keys: readonly Key[], queries: readonly string[]): () => Request {
  let sent = 0;
  return () => {
    sent += 1;
    const query = queries[sent % queries.length] ?? '';
    return { text: signed(keyOf(keys, sent), 'GET', `${CREATE_PATH}${query}`, ''), expectedStatus: 200 };
  };
}

function keyOf(keys: readonly Key[], n: number): Key {
  return keys[n % keys.length] ?? fail();
}

function fail(): never {
  throw new Error('the plan has no keys');
}

/** A GET without credentials, or with a payment_token in its query. */
export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
}

/** A POST of JSON with a payment_token in its body, or without credentials. */
export function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${contentOf(body)}\r\n${body}`;
}

/** A signed request; `more` contains additional headers. */
export function signed(key: Key, method: string, target: string, body: string, more = ''): string {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const [path = target] = target.split('?', 1);
  const signature = sign(key.secretKeyHash, { method, path, timestamp, body });
  const authorization = `authorization: HMAC-SHA256 ${key.apiKey}:${timestamp}:${signature}\r\n`;
  const content = body === '' ? '' : contentOf(body);
  return `${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\n${authorization}${more}${content}\r\n${body}`;
}

function contentOf(body: string): string {
  return `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
}
