/**
 * Which URLs can be endpoints, with DNS that the test controls.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createWebhookSender } from '../../src/webhook-sender/create-sender.ts';

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'shop.example': ['93.184.216.34', '2606:2800:220:1::1'],
  'xn--eckwd4c7c.example': ['93.184.216.34'],
  'inside.example': ['10.0.0.7'],
  'one-of-two.example': ['93.184.216.34', '127.0.0.1'],
  'v6-inside.example': ['93.184.216.34', 'fd00::7'],
  'loop.example': ['127.0.0.1'],
};

async function lookup(host: string) {
  const addresses = HOSTS[host];
  if (!addresses) {
    throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  }
  return addresses;
}

const live = createWebhookSender({ allowsLocal: false, wallClock: systemClock, lookup });
const simulated = createWebhookSender({ allowsLocal: true, wallClock: systemClock, lookup });
afterAll(() => Promise.all([live.close(), simulated.close()]));

const constraintOf = async (url: string, sender = live) => (await sender.findUrlFault(url))?.constraint;

describe('where real money is', () => {
  it.each([
    'https://shop.example/webhooks',
    'https://SHOP.example:443/a?b=c',
    'https://shop.example:8443/',
    'https://テスト例.example/受信',
    'https://8.8.8.8/',
    'https://[2606:2800:220:1::1]/',
    'https://not-yet-in-dns.example/',
  ])('%s can be an endpoint', async (url) => expect(await constraintOf(url)).toBeUndefined());

  it.each([
    ['http://shop.example/', 'https'],
    ['https://user@shop.example/', 'credentials'],
    ['https://user:secret@shop.example/', 'credentials'],
    ['https://shop.example/#part', 'fragment'],
    ['https://shop.example/#', 'fragment'],
    ['https://shop.example:80/', 'port'],
    ['https://shop.example:22/', 'port'],
    ['https://shop.example:0/', 'port'],
    ['https://localhost/', 'public_address'],
    ['https://127.0.0.1/', 'public_address'],
    ['https://127.0.0.1:8443/', 'public_address'],
    ['https://0x7f.1/', 'public_address'],
    ['https://2130706433/', 'public_address'],
    ['https://017700000001/', 'public_address'],
    ['https://%31%32%37.0.0.1/', 'public_address'],
    ['https://127。0。0。1/', 'public_address'],
    ['https://[::ffff:7f00:1]/', 'public_address'],
    ['https://[::1]/', 'public_address'],
    ['https://169.254.169.254/latest/meta-data/', 'public_address'],
    ['https://inside.example/', 'public_address'],
    ['https://one-of-two.example/', 'public_address'],
    ['https://v6-inside.example/', 'public_address'],
    ['https://loop.example/', 'public_address'],
    ['', 'url'],
    ['shop.example/webhooks', 'url'],
    ['https:shop.example', 'url'],
    ['https:\\\\shop.example', 'url'],
    ['https://shop.example\\@127.0.0.1/', 'url'],
    ['https://shop.example/a b', 'url'],
    ['https://shop.example/\n', 'url'],
    [' https://shop.example/', 'url'],
    ['https://shop.example/\u0000', 'url'],
    ['https://shop.example./', 'url'],
    ['https://shop.example:99999/', 'url'],
    ['https://', 'url'],
    ['https:///webhooks', 'url'],
    ['https:////shop.example/', 'url'],
    ['https://[::1', 'url'],
    ['ftp://shop.example/', 'url'],
    ['javascript:alert(1)', 'url'],
    [`https://shop.example/${'a'.repeat(2_048)}`, 'url'],
  ])('%j is refused: %s', async (url, constraint) => expect(await constraintOf(url)).toBe(constraint));

  it('a refusal says what to do, and does not name the address that a name has', async () => {
    const fault = await live.findUrlFault('https://inside.example/');
    expect(fault?.message).toBe(
      'Use a host that can be reached from the Internet: all of its addresses must be public',
    );
    expect((await live.findUrlFault('https://user:secret@shop.example/'))?.message).not.toContain('secret');
  });
});

describe('where payments are simulated', () => {
  it.each([
    'http://localhost:3000/webhooks',
    'http://127.0.0.1:3000/',
    'http://127.9.9.9:1/',
    'http://[::1]:3000/',
    'https://localhost:3000/',
    'http://shop.example/',
    'https://shop.example/',
  ])('%s can be an endpoint too', async (url) => expect(await constraintOf(url, simulated)).toBeUndefined());

  it.each([
    ['http://10.0.0.1/', 'public_address'],
    ['http://169.254.169.254/', 'public_address'],
    ['https://inside.example/', 'public_address'],
    ['http://0.0.0.0:3000/', 'port'],
    ['http://shop.example:3000/', 'port'],
    ['http://user@localhost:3000/', 'credentials'],
    ['http://localhost.:3000/', 'url'],
  ])('%s is still refused: %s', async (url, constraint) =>
    expect(await constraintOf(url, simulated)).toBe(constraint),
  );
});
