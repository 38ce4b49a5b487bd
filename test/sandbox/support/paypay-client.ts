/**
 * The API client of the sandbox's tests: signs as PayPay's "API Authorization" page says, and uses Node's own HTTP
 * client, so that resets, hangs and malformed JSON are visible. Deliberately independent of the gateway's client and of
 * the sandbox's signature check.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { type IncomingHttpHeaders, request as sendRequest } from 'node:http';

export const API_KEY = 'test_key';
export const API_SECRET = 'test_secret';

export interface ApiReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Fields of the envelope, here and below; empty when the response is not JSON. */
  readonly code: string;
  readonly codeId: string;
  readonly data: Record<string, unknown>;
}

export interface CallOptions {
  readonly headers?: Record<string, string>;
  /** Sent unchanged, instead of the JSON body. */
  readonly rawBody?: string;
  readonly contentType?: string;
  readonly secret?: string;
  readonly epochSeconds?: number;
  readonly signal?: AbortSignal;
}

/** Creates the Authorization header of a merchant's request. */
export function signRequest(
  method: string,
  target: string,
  body: string,
  options: { contentType: string; secret?: string; epochSeconds?: number },
): string {
  const isEmpty = body === '';
  const hash = isEmpty
    ? 'empty'
    : createHash('md5').update(options.contentType).update(body).digest('base64');
  const nonce = randomUUID().slice(0, 8);
  const epoch = options.epochSeconds ?? Math.floor(Date.now() / 1000);
  const path = target.split('?')[0];
  const text = [path, method, nonce, epoch, isEmpty ? 'empty' : options.contentType, hash].join('\n');
  const mac = createHmac('sha256', options.secret ?? API_SECRET)
    .update(text)
    .digest('base64');
  return `hmac OPA-Auth:${API_KEY}:${mac}:${nonce}:${epoch}:${hash}`;
}

/** Calls the sandbox as a merchant. Rejects when the connection fails. */
export async function call(
  baseUrl: string,
  method: string,
  target: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<ApiReply> {
  const text = options.rawBody ?? (body === undefined ? '' : JSON.stringify(body));
  const contentType = options.contentType ?? (text === '' ? undefined : 'application/json');
  const authorization = signRequest(method, target, text, { ...options, contentType: contentType ?? '' });
  return send(
    `${baseUrl}${target}`,
    method,
    text,
    { authorization, ...(contentType !== undefined && { 'content-type': contentType }), ...options.headers },
    options.signal,
  );
}

/** Sends any request, signed or not. */
export function send(
  url: string,
  method: string,
  body: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<ApiReply> {
  // Node sends a body with DELETE only if Content-Length is set.
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest(
      url,
      { method, headers: { ...headers, ...length }, agent: false, ...(signal && { signal }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            ...parseEnvelope(text),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Calls the control interface with JSON. */
export async function control(
  baseUrl: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const response = await send(`${baseUrl}/_control${path}`, method, text, {
    'content-type': 'application/json',
  });
  return { status: response.status, json: JSON.parse(response.text) };
}

/** Creates a code and returns its data. */
export async function createCode(
  baseUrl: string,
  merchantPaymentId: string,
  amount = 1200,
  epochSeconds?: number,
): Promise<Record<string, unknown> & { codeId: string; url: string }> {
  const options = epochSeconds === undefined ? {} : { epochSeconds };
  const reply = await call(baseUrl, 'POST', '/v2/codes', makeCodeBody(merchantPaymentId, amount), options);
  if (reply.status !== 201) {
    throw new Error(`creating a code returned ${reply.status} ${reply.code}`);
  }
  return { ...reply.data, codeId: String(reply.data['codeId']), url: String(reply.data['url']) };
}

export function makeCodeBody(merchantPaymentId: string, amount = 1200): Record<string, unknown> {
  return {
    merchantPaymentId,
    amount: { amount, currency: 'JPY' },
    codeType: 'ORDER_QR',
    orderDescription: '抹茶ラテ',
  };
}

function parseEnvelope(text: string): Pick<ApiReply, 'code' | 'codeId' | 'data'> {
  try {
    const { resultInfo, data } = JSON.parse(text);
    return { code: resultInfo?.code ?? '', codeId: resultInfo?.codeId ?? '', data: data ?? {} };
  } catch {
    return { code: '', codeId: '', data: {} };
  }
}
