/** What the client that orval generates calls for each request; signs it unless it is a payer's. */
import { createHash, createHmac } from 'node:crypto';

const { PGW_URL = '', PGW_API_KEY = '', PGW_SECRET_KEY = '' } = process.env;

/** For the last argument of a generated function. */
export const PAYER: RequestInit = { headers: { 'X-Caller': 'payer' } };

export async function send<T>(path: string, options: RequestInit): Promise<T> {
  const url = new URL(path, PGW_URL);
  const headers = new Headers(options.headers);
  if (headers.get('X-Caller') === null) {
    headers.set('Authorization', authorizationOf(options.method ?? 'GET', url.pathname, options.body));
  }
  const response = await fetch(url, { ...options, headers });
  return { status: response.status, data: await response.json(), headers: response.headers } as T;
}

/** Signs a request by the documented rule. */
function authorizationOf(method: string, path: string, body: RequestInit['body']): string {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const timestamp = Math.floor(Date.now() / 1000);
  const message = [method, path, timestamp, sha256(String(body ?? ''))].join('\n');
  const signature = createHmac('sha256', sha256(PGW_SECRET_KEY)).update(message).digest('hex');
  return `HMAC-SHA256 ${PGW_API_KEY}:${timestamp}:${signature}`;
}
