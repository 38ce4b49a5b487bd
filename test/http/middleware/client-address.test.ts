import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

/** The client address in the access line of a request with these headers. */
async function addressSeenBy(gateway: TestGateway, forwardedFor?: string): Promise<unknown> {
  const before = gateway.logLines.length;
  const headers: Record<string, string> =
    forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor };
  await gateway.request('GET', '/health', { headers });
  const lines = gateway.logLines.slice(before).map((line) => JSON.parse(line));
  return lines.find(({ msg }) => msg === 'request')?.clientAddress;
}

describe('the client address', () => {
  let behindProxies: TestGateway;
  let direct: TestGateway;
  beforeAll(async () => {
    direct = await startTestGateway();
    behindProxies = await startTestGateway({
      trustedProxies: ['127.0.0.0/8', '10.0.0.0/8', '::ffff:192.168.0.0/112', '2001:db8::/32'],
    });
  });
  afterAll(() => Promise.all([direct.close(), behindProxies.close()]));

  it('is the peer if no proxy is trusted, whatever the headers say', async () => {
    expect(await addressSeenBy(direct, '203.0.113.7')).toBe('127.0.0.1');
  });

  it.each([
    ['the last address before the proxies', '203.0.113.7', '203.0.113.7'],
    ['not what the client itself put in front', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['the first from the right that is not trusted', '1.1.1.1, 203.0.113.7, 10.1.2.3', '203.0.113.7'],
    ['an IPv6 address', '2a00::1, 2001:db8::5', '2a00::1'],
    ['an IPv4-mapped address as IPv4', '::ffff:203.0.113.7', '203.0.113.7'],
    ['the address before proxies that are listed as IPv4-mapped', '203.0.113.7, 192.168.3.4', '203.0.113.7'],
    ['the farthest proxy where all are trusted', '10.9.9.9, 10.1.2.3', '10.9.9.9'],
    ['the proxy that reported something else than an address', 'unknown, 10.1.2.3', '10.1.2.3'],
    ['an address without the port that some proxies add', '203.0.113.7:51234, 10.1.2.3:443', '203.0.113.7'],
    ['an IPv6 address without brackets and port', '[2a00::1]:51234, [2001:db8::5]', '2a00::1'],
    ['the peer where the header is empty', '', '127.0.0.1'],
  ])('is, behind trusted proxies, %s', async (_, forwardedFor, expected) => {
    expect(await addressSeenBy(behindProxies, forwardedFor)).toBe(expected);
  });

  it('is the peer behind trusted proxies that report none', async () => {
    expect(await addressSeenBy(behindProxies)).toBe('127.0.0.1');
  });

  it('is compared with the addresses allowed for webhooks', async () => {
    const gateway = await startTestGateway({
      trustedProxies: ['127.0.0.1'],
      webhookAllowedIps: ['203.0.113.0/24'],
    });
    const post = (forwardedFor: string) =>
      gateway.request('POST', '/v1/webhooks/paypay', {
        body: { notification_type: 'Transaction' },
        headers: { 'X-Forwarded-For': forwardedFor },
      });
    expect((await post('203.0.113.7')).status).toBe(200);
    expect((await post('203.0.113.7, 198.51.100.1')).status).toBe(401);
    await gateway.close();
  });
});
