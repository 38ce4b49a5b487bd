/**
 * The guard against requests to the gateway's own network, against DNS that says something else each time.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { type ConnectorOptions, createConnector } from '../../src/webhook-sender/connector.ts';
import { createWebhookSender } from '../../src/webhook-sender/create-sender.ts';
import { addressRule, createResolve, type Lookup } from '../../src/webhook-sender/resolve.ts';
import { type Receiver, startTcp } from './receivers.ts';

const PUBLIC = '93.184.216.34';
let inside: Receiver;
let bytes: Buffer[];

beforeEach(async () => {
  bytes = [];
  inside = await startTcp((socket) => socket.on('data', (chunk) => bytes.push(chunk)));
});
afterEach(() => inside.close());

/** Opens a connection as the sender does where real money is, but to any port. @returns the fault, if there is one */
function open(
  hostname: string,
  lookup: Lookup,
  options: Partial<ConnectorOptions> = {},
  protocol = 'https:',
) {
  const { isAllowed = addressRule(false), resolve = createResolve(lookup, isAllowed) } = options;
  const connect = createConnector({ isAllowed, resolve, stepTimeoutMs: 500 });
  return new Promise<string | undefined>((done) => {
    connect({ hostname, protocol, port: String(inside.port) }, (error, socket) => {
      socket?.destroy();
      done(error?.message);
    });
  });
}

/** DNS that gives each of these responses once, then the last for ever. */
function rebinding(...responses: (readonly string[])[]): Lookup & { count(): number } {
  let count = 0;
  const lookup = async () => responses[Math.min(count++, responses.length - 1)] ?? [];
  return Object.assign(lookup, { count: () => count });
}

const NOT_PUBLIC = 'shop.example has an address that is not public';

describe('a name', () => {
  it('that was public when it was checked and is loopback at the connection is refused without a connection', async () => {
    const lookup = rebinding([PUBLIC], ['127.0.0.1']);
    const sender = createWebhookSender({ allowsLocal: false, wallClock: systemClock, lookup });
    expect(await sender.findUrlFault('https://shop.example/')).toBeUndefined();
    const webhook = { eventId: 'evt_1', body: '{}', keys: ['whsec_AAAA'], timestamp: 1 };
    expect(await sender.send({ url: 'https://shop.example/', ...webhook })).toMatchObject({
      kind: 'no_response',
      problem: 'address_not_allowed',
      message: NOT_PUBLIC,
    });
    await sender.close();
    expect(await open('shop.example', rebinding(['127.0.0.1']))).toBe(NOT_PUBLIC);
    expect(inside.connections()).toBe(0);
  });

  it('is resolved once for a connection, so that what was checked is what is connected to', async () => {
    const lookup = rebinding(['192.0.2.1'], ['127.0.0.1']);
    const isAllowed = (address: string) => address === '192.0.2.1';
    await open('shop.example', lookup, { isAllowed });
    expect(lookup.count()).toBe(1);
    expect(inside.connections()).toBe(0);
  });

  it.each([
    [[PUBLIC, '127.0.0.1']],
    [['10.0.0.1', PUBLIC]],
    [[PUBLIC, '2606:2800:220:1::1', '::1']],
    [[PUBLIC, '::ffff:7f00:1']],
    [[PUBLIC, '64:ff9b::7f00:1']],
    [['169.254.169.254']],
  ])('with the addresses %j is refused, as one of them is not public', async (addresses) => {
    expect(await open('shop.example', rebinding(addresses))).toBe(NOT_PUBLIC);
    expect(inside.connections()).toBe(0);
  });

  it('without an address, or that DNS does not know, is reported as that', async () => {
    const failing = (code: string) => async () => Promise.reject(Object.assign(new Error('x'), { code }));
    expect(await open('shop.example', rebinding([]))).toBe(
      'The host name shop.example has no address in DNS',
    );
    expect(await open('shop.example', failing('ENOTFOUND'))).toBe(
      'The host name shop.example does not exist in DNS',
    );
    expect(await open('shop.example', failing('ETIMEOUT'))).toContain('DNS servers did not respond');
    expect(await open('shop.example', failing('EBADNAME'))).toBe(
      'The host name shop.example could not be resolved (EBADNAME)',
    );
  });

  it('whose DNS servers never respond is given up after three seconds', async () => {
    const never: Lookup = () => new Promise(() => undefined);
    expect(await open('shop.example', never)).toBe(
      'The host name shop.example could not be resolved within 3 seconds',
    );
    const sender = createWebhookSender({ allowsLocal: false, wallClock: systemClock, lookup: never });
    expect(await sender.findUrlFault('https://shop.example/')).toBeUndefined();
    await sender.close();
  });
});

describe('an address', () => {
  it.each(['127.0.0.1', '::1', '10.0.0.1', '::ffff:7f00:1', 'localhost'])(
    'in place of a name, %s, is refused without a connection',
    async (host) => {
      expect(await open(host, rebinding([PUBLIC]))).toBe(`${host} has an address that is not public`);
      expect(inside.connections()).toBe(0);
    },
  );

  it.each(['https:', 'http:'])(
    'is checked again on the open connection, before a byte is written (%s)',
    async (protocol) => {
      // As if the check of the name had failed to notice it.
      const resolve = async () => ['127.0.0.1'];
      expect(await open('shop.example', rebinding([]), { resolve }, protocol)).toBe(NOT_PUBLIC);
      await expect.poll(() => inside.connections()).toBe(1);
      expect(bytes).toEqual([]);
    },
  );

  it('of an endpoint made where payments are simulated is refused where real money is', async () => {
    const sender = createWebhookSender({ allowsLocal: false, wallClock: systemClock });
    for (const url of [`http://127.0.0.1:${inside.port}/`, `https://localhost:${inside.port}/`]) {
      const result = await sender.send({
        url,
        eventId: 'evt_1',
        body: '{}',
        keys: ['whsec_AAAA'],
        timestamp: 1,
      });
      expect(result).toMatchObject({ kind: 'no_response', problem: 'address_not_allowed' });
    }
    await sender.close();
    expect(inside.connections()).toBe(0);
  });
});
