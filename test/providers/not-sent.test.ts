/**
 * Against real sockets and real TLS: a call of which no byte was written is unavailable, and only such a call.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createPayPayProvider } from '../../src/providers/paypay/index.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { type Certificate, makeCertificate } from '../sandbox/support/self-signed-certificate.ts';
import { startTestGateway } from '../support/gateway.ts';
import { silentLog } from '../support/silent-log.ts';

const DAY_MS = 86_400_000;
const NOT_SENT = { kind: 'unavailable', reason: { code: 'not_reachable' } };
const CREATE = {
  account: { merchantId: 'pp-1' },
  attemptId: 'pa_1',
  amount: 1200,
  currency: 'JPY',
  requestedAt: new Date('2026-01-01T00:00:00Z'),
};

const trusted = makeCertificate({ subject: 'Trusted test root', isCa: true });
const intermediate = makeCertificate({ subject: 'Intermediate', isCa: true, issuer: trusted });
const stranger = makeCertificate({ subject: 'Unknown test root', isCa: true });
const closers: (() => void)[] = [];
const createSecureContext = tls.createSecureContext;

beforeAll(() => {
  // What NODE_EXTRA_CA_CERTS does, which Node reads only at its start.
  vi.spyOn(tls, 'createSecureContext').mockImplementation((options) =>
    createSecureContext({ ca: trusted.cert, ...options }),
  );
});
afterAll(() => {
  vi.restoreAllMocks();
});
afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

async function listenOn(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function serveTls(key: Certificate, ...chain: Certificate[]): Promise<string> {
  const cert = [key, ...chain].map((one) => one.cert).join('');
  return listenOn(createHttpsServer({ key: key.key, cert }, (_, response) => response.end('{}')));
}

function serveTcp(onConnection: (socket: Socket) => void): Promise<string> {
  return listenOn(createTcpServer(onConnection));
}

function connect(baseUrl: string): Provider {
  const provider = createPayPayProvider({
    baseUrl,
    apiKey: 'the-key',
    apiSecret: 'the-secret',
    clock: systemClock,
    log: silentLog,
    circuit: false,
    timeoutsMs: { post: 600, other: 200 },
    webhooks: { secret: undefined, allowedIps: [] },
  });
  closers.push(() => void provider.close?.());
  return provider;
}

function createCode(baseUrl: string, merchantId = 'pp-1') {
  return connect(baseUrl).codes?.createCode({ ...CREATE, account: { merchantId } });
}

const leaf = (more: Partial<Parameters<typeof makeCertificate>[0]> = {}) =>
  makeCertificate({ subject: 'PayPay', issuer: trusted, ...more });

describe('a call that fails before its first byte is written is unavailable, and nothing is pending', () => {
  it.each<[string, () => Promise<string>]>([
    ['a certificate of an unknown issuer', () => serveTls(leaf({ issuer: stranger }), stranger)],
    ['a certificate whose unknown issuer is not sent', () => serveTls(leaf({ issuer: stranger }))],
    ['a chain cut short', () => serveTls(leaf({ issuer: intermediate }))],
    ['a self-signed certificate', () => serveTls(makeCertificate({ subject: 'Self' }))],
    [
      'a certificate for another name',
      () => serveTls(leaf({ dnsNames: ['other.example'], ipAddresses: [] })),
    ],
    [
      'an expired certificate',
      () =>
        serveTls(
          leaf({ validFrom: new Date(Date.now() - 9 * DAY_MS), validUntil: new Date(Date.now() - DAY_MS) }),
        ),
    ],
    [
      'a certificate that is not valid yet',
      () => serveTls(leaf({ validFrom: new Date(Date.now() + DAY_MS) })),
    ],
    ['a handshake that the server refuses', () => listenOn(tls.createServer({}))],
    [
      'a TLS 1.2 handshake that wants a certificate of ours',
      () => {
        const own = leaf();
        const options = { key: own.key, cert: own.cert, requestCert: true, maxVersion: 'TLSv1.2' as const };
        return listenOn(tls.createServer(options));
      },
    ],
    ['a connection closed at once', () => serveTcp((socket) => socket.end())],
    ['a handshake cut by a close', () => serveTcp((socket) => socket.once('data', () => socket.end()))],
    [
      'a handshake cut by a reset',
      () => serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy())),
    ],
    ['a handshake that is never answered', () => serveTcp(() => undefined)],
    ['a server that does not speak TLS', () => listenOn(createHttpServer())],
    ['a name without an address', () => Promise.resolve('https://paypay.invalid')],
    ['a refused connection', () => Promise.resolve('https://127.0.0.1:1')],
  ])('%s', async (_, start) => {
    expect(await createCode(await start())).toMatchObject(NOT_SENT);
  });

  it('a call whose time is over while it waits for a connection', async () => {
    const paths: string[] = [];
    const server = createHttpServer((request) => void paths.push(request.url ?? ''));
    const provider = connect((await listenOn(server)).replace('https', 'http'));
    const creates = Array.from({ length: 64 }, () => provider.codes?.createCode(CREATE));
    const read = await provider.codes?.readPayment({ account: CREATE.account, attemptId: 'pa_1' });
    expect(read).toMatchObject(NOT_SENT);
    expect(await Promise.all(creates)).toEqual(
      creates.map(() => expect.objectContaining({ kind: 'unknown' })),
    );
    expect(paths).toEqual(creates.map(() => '/v2/codes'));
  });

  it('a request that no header can carry', async () => {
    expect(await createCode(await serveTls(leaf()), 'pp\n1')).toMatchObject(NOT_SENT);
  });
});

describe('a call that fails after its first byte is unknown', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['the server closes', (socket) => socket.end()],
    ['the server resets', (socket) => socket.destroy()],
    ['the server never answers', () => undefined],
    ['the answer is cut', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{')],
    ['the answer is no HTTP', (socket) => socket.end('nonsense\r\n\r\n')],
  ])('%s', async (_, answer) => {
    const { key, cert } = leaf();
    const server = tls.createServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    expect(await createCode(await listenOn(server))).toMatchObject({ kind: 'unknown' });
  });

  it('a complete chain is trusted, and what it answers is read', async () => {
    const url = await serveTls(leaf({ issuer: intermediate }), intermediate);
    expect(await createCode(url)).toMatchObject({ kind: 'unknown', reason: { code: 'unreadable_answer' } });
  });
});

it('a PayPay whose certificate cannot be trusted does not stand in the way of cash', async () => {
  const gateway = await startTestGateway({ sandbox: { tls: makeCertificate({ subject: 'Self' }) } });
  try {
    const merchant = await gateway.newMerchant();
    const intent = await gateway.newIntent(merchant, { payment_method_types: ['qr_mpm', 'cash'] });
    const confirmed = await gateway.confirm(intent);
    expect([confirmed.status, confirmed.body.code, confirmed.body.details.reason]).toEqual([
      503,
      'provider_unavailable',
      'not_reachable',
    ]);
    expect((await gateway.retrieve(intent)).body.status).toBe('requires_payment_method');
    const captured = await gateway.request('POST', `/v1/payment_intents/${intent.id}/capture`, {
      as: merchant,
      body: {},
    });
    expect([captured.status, captured.body.status]).toEqual([200, 'succeeded']);
  } finally {
    await gateway.close();
  }
});
