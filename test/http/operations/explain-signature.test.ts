import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const sent = { method: 'POST', path: '/v1/payment_intents', body: '{"amount": 1000}' };
const seconds = () => String(Math.floor(Date.now() / 1000));

interface Signed {
  /** What this developer signs in place of the right text. */
  readonly text?: (timestamp: string) => string;
  readonly key?: string | Buffer;
  readonly timestamp?: string;
  readonly encoding?: 'hex' | 'base64';
}

const rightText = (timestamp: string) => [sent.method, sent.path, timestamp, sha256(sent.body)].join('\n');

function authorization({
  text = rightText,
  key,
  timestamp = seconds(),
  encoding = 'hex',
}: Signed = {}): string {
  const hmac = createHmac('sha256', key ?? sha256(merchant.secretKey)).update(text(timestamp));
  return `HMAC-SHA256 ${merchant.apiKey}:${timestamp}:${hmac.digest(encoding)}`;
}

const explain = async (header: string, more: Record<string, unknown> = {}) =>
  (await gateway.request('POST', '/v1/auth/explain', { body: { ...sent, authorization: header, ...more } }))
    .body;

/** The right text with one line replaced. */
const line = (index: number, content: string) => (timestamp: string) =>
  rightText(timestamp)
    .split('\n')
    .map((old, at) => (at === index ? content : old))
    .join('\n');

describe('explainSignature', () => {
  it('confirms a valid signature, over the path or over path and query', async () => {
    const explanation = await explain(authorization());
    expect(explanation).toMatchObject({ is_valid: true, findings: [] });
    // The request itself takes time, on a busy machine seconds.
    expect(explanation['clock_skew_seconds']).toBeGreaterThan(-60);
    expect(explanation['clock_skew_seconds']).toBeLessThanOrEqual(0);
    const withQuery = '/v1/payment_intents?limit=1';
    const header = authorization({ text: line(1, withQuery) });
    expect(await explain(header, { path: withQuery })).toMatchObject({ is_valid: true });
  });

  it('shows the string to sign and the hash of the body', async () => {
    const timestamp = seconds();
    expect(await explain(authorization({ timestamp }))).toMatchObject({
      string_to_sign: rightText(timestamp),
      body_sha256: sha256(sent.body),
    });
  });

  it.each<[string, string, Signed]>([
    ['method', 'in lower case', { text: line(0, 'post') }],
    ['path', 'with a slash', { text: line(1, '/v1/payment_intents/') }],
    ['path', 'without /v1', { text: line(1, '/payment_intents') }],
    ['path', 'without the slash at its beginning', { text: line(1, 'v1/payment_intents') }],
    ['body', 'of an empty body', { text: line(3, sha256('')) }],
    ['body', 'compact JSON', { text: line(3, sha256('{"amount":1000}')) }],
    ['body', 'line feed at its end', { text: line(3, sha256(`${sent.body}\n`)) }],
    ['body', 'the body itself', { text: line(3, sent.body) }],
    ['body', 'in upper-case hex', { text: line(3, sha256(sent.body).toUpperCase()) }],
    ['body', 'in base64', { text: line(3, createHash('sha256').update(sent.body).digest('base64')) }],
    ['body', 'left the hash', { text: (timestamp) => `POST\n${sent.path}\n${timestamp}` }],
    ['separator', 'after the last line', { text: (timestamp) => `${rightText(timestamp)}\n` }],
    ['separator', 'CR LF', { text: (timestamp) => rightText(timestamp).replaceAll('\n', '\r\n') }],
    ['separator', 'a backslash', { text: (timestamp) => rightText(timestamp).replaceAll('\n', '\\n') }],
    ['separator', 'without line feeds', { text: (timestamp) => rightText(timestamp).replaceAll('\n', '') }],
    ['timestamp', 'seconds behind', { timestamp: String(Math.floor(Date.now() / 1000) - 3600) }],
    ['timestamp', 'in milliseconds', { timestamp: String(Date.now()) }],
    ['authorization', 'in base64', { encoding: 'base64' }],
  ])('finds the %s at fault: %s', async (part, message, signed) => {
    const { is_valid, findings } = await explain(authorization(signed));
    expect(is_valid).toBe(false);
    expect(findings).toEqual([{ part, message: expect.stringContaining(message) }]);
  });

  it('finds a wrong form of the key, also together with a wrong text', async () => {
    const key = createHash('sha256').update(merchant.secretKey).digest();
    expect((await explain(authorization({ key }))).findings).toMatchObject([
      { part: 'key', message: expect.stringContaining('the 32 bytes') },
    ]);
    const { findings } = await explain(authorization({ key, text: line(3, sha256('')) }));
    expect(findings.map(({ part }: { part: string }) => part)).toEqual(['key', 'body']);
  });

  it('distinguishes a wrong key from a wrong text by the text that was signed', async () => {
    const timestamp = seconds();
    const wrongKey = authorization({ key: merchant.secretKey, timestamp });
    expect((await explain(wrongKey, { string_to_sign: rightText(timestamp) })).findings).toMatchObject([
      { part: 'key', message: expect.stringContaining('not the secret key itself') },
    ]);
    const text = () => `POST\n/v1/intents\n${timestamp}\n${sha256('other')}`;
    const { findings } = await explain(authorization({ text, timestamp }), { string_to_sign: text() });
    expect(findings).toMatchObject([
      { part: 'path', message: 'Your path is "/v1/intents" and must be "/v1/payment_intents".' },
      { part: 'body', message: expect.stringContaining(sha256(sent.body)) },
    ]);
  });

  it('finds an unknown key, and a malformed header', async () => {
    expect((await explain(authorization().replace(merchant.apiKey, 'ak_none'))).findings).toMatchObject([
      { part: 'api_key' },
    ]);
    for (const header of ['Bearer abc', 'HMAC-SHA256', 'HMAC-SHA256 a:b', 'HMAC-SHA256 a:1:xyz']) {
      expect(await explain(header)).toMatchObject({
        is_valid: false,
        findings: [{ part: expect.any(String) }],
      });
    }
  });

  it('never shows a signature', async () => {
    const timestamp = seconds();
    const right = authorization({ timestamp }).split(':').at(-1) ?? '';
    const others = [
      {},
      { body: '' },
      { path: '/v1/payment_intents?x=1' },
      { string_to_sign: rightText(timestamp) },
    ];
    for (const more of others) {
      const text = JSON.stringify(await explain(authorization({ key: 'x', timestamp }), more));
      expect(text).not.toContain(right);
      expect(text).not.toContain(sha256(merchant.secretKey));
    }
  });

  it('does not exist where payments are real', async () => {
    const real = await startTestGateway({ isSandbox: false });
    try {
      const body = { ...sent, authorization: 'x' };
      const answer = await real.request('POST', '/v1/auth/explain', { body });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      const unparsed = await real.request('POST', '/v1/auth/explain', { body: '{' });
      expect(unparsed).toMatchObject({ status: 404, body: { code: 'not_found' } });
    } finally {
      await real.close();
    }
  });
});
