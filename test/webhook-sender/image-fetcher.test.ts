import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createImageFetcher, type FetcherOptions } from '../../src/webhook-sender/create-image-fetcher.ts';
import type { ImageFetcher } from '../../src/webhook-sender/sender.ts';
import { type Receiver, startReceiver } from './receivers.ts';

const MAX_BYTES = 1_000;

let server: Receiver;
let respond: (response: ServerResponse) => void;
let fetcher: ImageFetcher;

beforeAll(async () => {
  server = await startReceiver((response) => respond(response));
});
afterEach(() => fetcher.close());
afterAll(() => server.close());

function fetchImage(url: string, options: Partial<FetcherOptions> = {}) {
  fetcher = createImageFetcher({ allowsLocal: true, ...options });
  return fetcher.fetch(url, MAX_BYTES);
}

const ownUrl = () => `http://127.0.0.1:${server.port}/logo.png`;

it('returns the bytes of an image, and of one that is too large one byte more than is allowed', async () => {
  respond = (response) => response.end(Buffer.alloc(MAX_BYTES, 1));
  expect(await fetchImage(ownUrl())).toEqual({ content: Buffer.alloc(MAX_BYTES, 1) });
  respond = (response) => response.end(Buffer.alloc(500_000, 1));
  expect(await fetchImage(ownUrl())).toEqual({ content: Buffer.alloc(MAX_BYTES + 1, 1) });
  const [{ method, headers } = { method: '', headers: {} }] = server.received;
  expect(method).toBe('GET');
  expect(headers).not.toHaveProperty('cookie');
  expect(headers).not.toHaveProperty('authorization');
});

it('gives up when the server does not respond, or its response does not end', async () => {
  for (const hang of [() => undefined, (response: ServerResponse) => void response.write('x')]) {
    respond = hang;
    const result = await fetchImage(ownUrl(), { timeoutMs: 200 });
    expect(result).toMatchObject({ fault: expect.stringContaining('0.2 seconds') });
  }
});

it('connects only to public addresses where money is real, whatever the name resolves to', async () => {
  const before = server.connections();
  const strict = { allowsLocal: false, lookup: async () => ['127.0.0.1'] };
  expect(await fetchImage(ownUrl(), strict)).toEqual({ fault: 'Use https' });
  expect(await fetchImage('https://127.0.0.1/logo.png', strict)).toMatchObject({
    fault: expect.stringContaining('must be public'),
  });
  expect(await fetchImage('https://shop.example/logo.png', strict)).toEqual({
    fault: 'shop.example has an address that is not public',
  });
  expect(server.connections()).toBe(before);
});
