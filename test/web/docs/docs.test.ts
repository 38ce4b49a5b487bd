/**
 * The documentation over HTTP: headers, links that all have a target, and a reference that covers the whole contract.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import { statusOf } from '../../../src/http/errors.ts';
import { contract, contractText } from '../../support/contract.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ contractSample: 1, limits: { global: 5000, merchant: 1000 } });
});
afterAll(() => gateway.close());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${gateway.url}${path}`, { method, headers });
/** A conditional request. Without this Cache-Control, fetch would add one that bypasses caches. */
const getAgain = (path: string, etag: string) =>
  get(path, { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' });
const page = async (path: string) => (await get(path)).text();

const PAGES = [
  '/docs',
  '/docs/reference',
  '/docs/reference/payment-intents',
  '/docs/reference/webhook-endpoints',
  '/docs/reference/errors',
  '/docs/reference/schemas',
  '/docs/first-payment',
  '/docs/idempotency',
  '/docs/errors',
  '/docs/ja',
  '/docs/ja/reference/refunds',
  '/docs/ja/first-payment',
];
const ASSETS = [
  '/docs/assets/docs.css',
  ...['early', 'docs', 'search', 'minisearch'].map((name) => `/docs/assets/${name}.js`),
  '/docs/assets/search-en.json',
  '/docs/assets/search-ja.json',
  '/docs/assets/icon.svg',
];
/** The page of the reference that describes a tag. */
const pageOf = (tag: string) =>
  `/docs/reference/${tag.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;

describe('a page', () => {
  it.each([...PAGES, ...ASSETS])('%s allows only resources of this gateway', async (path) => {
    const { status, headers } = await get(path);
    expect(status).toBe(200);
    const policy = headers.get('Content-Security-Policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it.each([...PAGES, ...ASSETS, '/openapi.yaml', '/openapi.json', '/openapi-3.1.yaml', '/docs/nope'])(
    '%s has the headers of every response, and counts towards the rate limit',
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get('X-Request-Id')).toMatch(/^req_/);
      expect(headers.get('X-RateLimit-Limit')).toBe('250');
      const left = Number(headers.get('X-RateLimit-Remaining'));
      const next = await get(path);
      expect(Number(next.headers.get('X-RateLimit-Remaining'))).toBe(left - 1);
      expect(headers.get('X-RateLimit-Reset')).toMatch(/^\d+$/);
    },
  );

  it('is revalidated by its ETag, and is compressed when the client accepts it', async () => {
    const path = '/docs/reference/payment-intents';
    const plain = await get(path, { 'Accept-Encoding': 'identity' });
    const text = await plain.text();
    const etag = plain.headers.get('ETag') ?? '';
    expect(plain.headers.get('Cache-Control')).toBe('no-cache');
    expect(plain.headers.get('Vary')).toContain('Accept-Encoding');
    const again = await getAgain(path, etag);
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(again.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    const zipped = await get(path, { 'Accept-Encoding': 'gzip' });
    expect(zipped.headers.get('Content-Encoding')).toBe('gzip');
    expect(Number(zipped.headers.get('Content-Length'))).toBeLessThan(text.length / 4);
    expect(await zipped.text()).toBe(text);
  });

  it('answers HEAD with the headers alone', async () => {
    const whole = await get('/docs', { 'Accept-Encoding': 'identity' });
    const head = await get('/docs', { 'Accept-Encoding': 'identity' }, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('Content-Length')).toBe(String(Buffer.byteLength(await whole.text())));
    expect(head.headers.get('ETag')).toBe(whole.headers.get('ETag'));
  });

  it('names its style sheet and script by version, so that browsers may cache them for ever', async () => {
    const text = await page('/docs');
    const addresses = [...text.matchAll(/="(\/docs\/assets\/[^"]+)"/g)].map(([, address = '']) => address);
    expect(addresses.length).toBe(7);
    for (const address of addresses) {
      expect((await get(address)).headers.get('Cache-Control'), address).toContain('immutable');
    }
    expect((await get('/docs/assets/docs.js?v=old')).headers.get('Cache-Control')).toBe('no-cache');
  });

  it('that does not exist is a page for a browser and the JSON error for a program', async () => {
    const person = await get('/docs/nope', { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect([person.status, person.headers.get('Content-Type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(person.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(await person.text()).toContain('<a class="button" href="/docs">');
    const japanese = await get('/docs/ja/nope', { Accept: 'text/html' });
    expect([japanese.status, await japanese.text()]).toEqual([
      404,
      expect.stringContaining('<a class="button" href="/docs/ja">'),
    ]);
    for (const path of [
      '/docs/nope',
      '/docs/first-payment.md',
      '/docs/%zz',
      '/docs/../package.json',
      '/docsx',
    ]) {
      expect((await gateway.request('GET', path)).body.code, path).toMatch(/^(not_found|invalid_request)$/);
    }
    expect((await gateway.request('POST', '/docs')).body.code).toBe('method_not_allowed');
  });

  it('is not reported by the response validator', async () => {
    expect((await gateway.deps.metrics.render()).text).not.toMatch(/pgw_contract_deviations_total\{/);
  });
});

describe('the contract', () => {
  it('is served verbatim and as JSON, to any origin', async () => {
    const origin = { Origin: 'https://editor.example.com' };
    const yaml = await get('/openapi.yaml', origin);
    expect(yaml.headers.get('Content-Type')).toBe('application/yaml; charset=utf-8');
    expect(await yaml.text()).toBe(contractText);
    const json = await get('/openapi.json', origin);
    expect(json.headers.get('Content-Type')).toBe('application/json; charset=utf-8');
    expect(await json.json()).toEqual(parse(contractText));
    const later = await get('/openapi-3.1.yaml', origin);
    expect(later.headers.get('Content-Type')).toBe('application/yaml; charset=utf-8');
    for (const { headers } of [yaml, json, later]) {
      expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
      expect(headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin');
      const etag = headers.get('ETag') ?? '';
      expect(etag).not.toBe('');
      const path = new URL([yaml, json, later].find((each) => each.headers === headers)?.url ?? '').pathname;
      expect((await getAgain(path, etag)).status).toBe(304);
    }
  });
});

describe('links', () => {
  it('all have an existing page and section as their target, and nothing is loaded from other origins', async () => {
    const texts = new Map<string, string>();
    const waiting = ['/docs'];
    const faults: string[] = [];
    const links: { from: string; path: string; id: string }[] = [];
    for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
      if (texts.has(from)) {
        continue;
      }
      const response = await get(from);
      if (response.status !== 200) {
        faults.push(`${from} answers ${response.status}`);
      }
      const isPage = response.headers.get('Content-Type')?.startsWith('text/html') === true;
      const text = await response.text();
      texts.set(from, text);
      if (!isPage) {
        continue;
      }
      for (const [, address = ''] of text.matchAll(/ data-(?:library|index)="([^"]+)"/g)) {
        waiting.push(new URL(address, gateway.url).pathname);
      }
      for (const [, tag = '', address = ''] of text.matchAll(/<(\w+)[^>]*? (?:href|src|action)="([^"]*)"/g)) {
        const url = new URL(address.replaceAll('&amp;', '&'), `${gateway.url}${from}`);
        if (url.origin !== gateway.url) {
          if (tag !== 'a' || url.protocol !== 'https:') {
            faults.push(`${from} has <${tag}> to ${address}`);
          }
          continue;
        }
        waiting.push(url.pathname);
        links.push({ from, path: url.pathname, id: decodeURIComponent(url.hash.slice(1)) });
      }
    }
    for (const { from, path, id } of links) {
      if (id !== '' && !texts.get(path)?.includes(` id="${id}"`)) {
        faults.push(`${from} links to ${path}#${id}`);
      }
    }
    expect(faults).toEqual([]);
    expect([...texts.keys()]).toEqual(expect.arrayContaining([...PAGES, ...ASSETS, '/openapi.yaml']));
  });

  it('ids are unique on each page', async () => {
    for (const path of PAGES) {
      const ids = [...(await page(path)).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(
        ids.filter((id, index) => ids.indexOf(id) !== index),
        path,
      ).toEqual([]);
    }
  });
});

describe('the API reference', () => {
  const operations = Object.entries(contract.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      ...(operation as unknown as { operationId: string; summary: string; tags: string[] }),
    })),
  );

  it.each(operations)(
    'describes $operationId: $method $path',
    async ({ operationId, summary, method, path, tags: [tag = ''] }) => {
      const text = await page(pageOf(tag));
      const [, article = ''] =
        new RegExp(`<article[^>]*"${operationId}">([\\s\\S]*?)</article>`).exec(text) ?? [];
      expect(article).toContain(`<h2 id="${operationId}">${summary}`);
      expect(article).toContain(`>${method}</span> <code>${path}</code>`);
      const shown = [...article.matchAll(/data-code="(\w+)"/g)].map(([, language]) => language);
      expect(new Set(shown)).toEqual(new Set(['sh', 'ts', 'python', 'go', 'java', 'php']));
      expect(article).toContain('Errors: ');
    },
  );

  it('describes the webhook that an endpoint receives: signature, event, and what to respond', async () => {
    const text = await page('/docs/reference/webhook-endpoints');
    const [, article = ''] = /<article[^>]*"receiveEvent">([\s\S]*?)<\/article>/.exec(text) ?? [];
    expect(article).toContain(
      'to the <code>url</code> of <a href="/docs/reference/webhook-endpoints#createWebhookEndpoint">',
    );
    for (const shown of ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'api_version', '410']) {
      expect(article).toContain(shown);
    }
    expect(article).not.toContain('curl');
  });

  it('describes every object schema, with its properties and their constraints', async () => {
    const text = await page('/docs/reference/schemas');
    const schemas = contract.components?.schemas as unknown as Record<string, { properties?: object }>;
    for (const [name, { properties }] of Object.entries(schemas)) {
      if (properties) {
        expect(text).toContain(`<h2 id="schema-${name}">`);
      }
    }
    const [, amount = ''] = /<code class="name">amount<\/code>([\s\S]*?)<\/dd>/.exec(text) ?? [];
    expect(amount).toContain('required');
    expect(amount).toContain('1 to 99,999,999,999');
  });

  it('lists every error code with its status, and every error of the contract', async () => {
    const text = await page('/docs/reference/errors');
    const { schemas, responses } = contract.components as unknown as {
      schemas: Record<string, { enum: ErrorCode[] }>;
      responses: object;
    };
    for (const code of schemas['ErrorCode']?.enum ?? []) {
      expect(text).toContain(`<td><code>${code}</code></td><td>${statusOf(code)}</td>`);
    }
    for (const name of Object.keys(responses)) {
      expect(text).toContain(`<h2 id="error-${name}">`);
    }
  });

  it('merges a schema with allOf', async () => {
    const text = await page('/docs/reference/schemas');
    const [, created = ''] = /id="schema-CreatedPaymentIntent">([\s\S]*?)<h2/.exec(text) ?? [];
    for (const name of ['payment_token', 'merchant_ref_id', 'expires_at']) {
      expect(created).toContain(`<code class="name">${name}</code>`);
    }
  });

  it('shows the limits of this gateway', async () => {
    const text = await page('/docs/reference');
    expect(text).toContain('<dt>Per merchant</dt><dd>1,000 requests per minute</dd>');
    expect(text).toContain('<dt>Global</dt><dd>5,000 requests per minute</dd>');
  });

  it('escapes markup in the contract', async () => {
    const evil = structuredClone(contract);
    evil.info.description =
      'Look: <script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3))';
    const other = await startTestGateway({ contract: evil });
    const text = await (await fetch(`${other.url}/docs/reference`)).text();
    await other.close();
    const [shown] = /<p>Look:.*<\/p>/.exec(text) ?? [];
    expect(shown).toBe(
      '<p>Look: &lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(2)&gt; x</p>',
    );
  });

  it('is light: scripts and style sheet together have at most 35 kB, and each page at most 30 kB compressed', async () => {
    const texts = await Promise.all(
      ['docs.css', 'early.js', 'docs.js', 'search.js'].map((name) => page(`/docs/assets/${name}`)),
    );
    expect(texts.join('').length).toBeLessThan(35_000);
    for (const path of PAGES) {
      const { headers } = await get(path, { 'Accept-Encoding': 'gzip' });
      expect(Number(headers.get('Content-Length')), path).toBeLessThan(30_000);
    }
  });

  it('still has every section at its old address, on the index page, with a link to its page', async () => {
    const text = await page('/docs/reference');
    const schemas = contract.components?.schemas as unknown as Record<string, { properties?: object }>;
    const ids = [
      ...operations.map(({ operationId }) => operationId),
      ...operations.map(({ tags: [tag = ''] }) => `tag-${tag.toLowerCase()}`),
      ...Object.keys(schemas)
        .filter((name) => schemas[name]?.properties)
        .map((name) => `schema-${name}`),
      ...['authentication', 'auth-hmac', 'rate-limits', 'headers', 'errors', 'schemas', 'receiveEvent'],
      'error-RateLimitExceeded',
    ];
    for (const id of ids) {
      expect(text, id).toContain(` id="${id}"`);
    }
    expect(text).toContain(
      '<li id="createRefund"><span class="method post">POST</span> <a href="/docs/reference/refunds#createRefund">',
    );
  });

  it('has a style sheet that contains every file of its folder', async () => {
    const style = await page('/docs/assets/docs.css');
    const folder = new URL('../../../src/web/docs/assets/styles/', import.meta.url);
    for (const name of readdirSync(folder)) {
      expect(style, name).toContain(readFileSync(new URL(name, folder), 'utf8'));
    }
  });
});
