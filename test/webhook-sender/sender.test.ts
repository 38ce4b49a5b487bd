/**
 * The sender against real receivers, real TLS and DNS that the test controls.
 */
import { createHmac } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { newSigningKey } from '../../src/lib/webhooks/keys.ts';
import { createWebhookSender, type SenderOptions } from '../../src/webhook-sender/create-sender.ts';
import { exchange } from '../../src/webhook-sender/exchange.ts';
import type { OutgoingWebhook } from '../../src/webhook-sender/sender.ts';
import { makeCertificate } from '../sandbox/support/self-signed-certificate.ts';
import { type HttpOptions, type Receiver, startReceiver, startTcp } from './receivers.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

function senderWith(options: Partial<SenderOptions> = {}) {
  const sender = createWebhookSender({ allowsLocal: true, wallClock: systemClock, ...options });
  closers.push(() => sender.close());
  return sender;
}

async function receiving(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const receiver = await startReceiver(...args);
  closers.push(() => receiver.close());
  return receiver;
}

async function receivingTcp(onConnection: Parameters<typeof startTcp>[0]): Promise<Receiver> {
  const receiver = await startTcp(onConnection);
  closers.push(() => receiver.close());
  return receiver;
}

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const webhookTo = (url: string, more: Partial<OutgoingWebhook> = {}): OutgoingWebhook => ({
  url,
  eventId: 'evt_01KAH0000000000000000000AA',
  body: '{"type": "ping", "text": "請求"}',
  keys: [KEY],
  timestamp: 1_800_000_000,
  ...more,
});
const at = ({ port }: Receiver, path = '/') => `http://127.0.0.1:${port}${path}`;

describe('a webhook', () => {
  it('is one POST with the headers of Standard Webhooks, whose body is sent byte for byte', async () => {
    const receiver = await receiving((response) => response.writeHead(202).end('thanks'));
    const webhook = webhookTo(at(receiver, '/in?shop=1'), { keys: [KEY, newSigningKey('ed25519')] });
    const result = await senderWith().send(webhook);
    expect(result).toEqual({
      kind: 'response',
      status: 202,
      retryAfterSeconds: undefined,
      excerpt: 'thanks',
      durationMs: expect.any(Number),
    });
    const signed = createHmac('sha256', Buffer.from(KEY.slice(6), 'base64'))
      .update(`${webhook.eventId}.1800000000.${webhook.body}`)
      .digest('base64');
    expect(receiver.received).toEqual([
      {
        method: 'POST',
        path: '/in?shop=1',
        headers: {
          host: `127.0.0.1:${receiver.port}`,
          connection: 'keep-alive',
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(webhook.body)),
          'user-agent': 'mpac-pgw/1',
          'webhook-id': webhook.eventId,
          'webhook-timestamp': '1800000000',
          'webhook-signature': expect.stringMatching(/^v1,\S+ v1a,\S+$/),
        },
        body: webhook.body,
      },
    ]);
    expect(receiver.received[0]?.headers['webhook-signature']).toContain(`v1,${signed} `);
  });

  it.each([301, 302, 307, 308])('follows no redirect: %i is the response', async (status) => {
    const inside = await receiving();
    const receiver = await receiving((response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${inside.port}/metadata` }).end(),
    );
    expect(await senderWith().send(webhookTo(at(receiver)))).toMatchObject({ kind: 'response', status });
    expect(inside.connections()).toBe(0);
  });

  it('uses no proxy of the environment', async () => {
    const proxy = await receiving();
    const receiver = await receiving();
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) {
      process.env[name] = at(proxy);
    }
    try {
      expect(await senderWith().send(webhookTo(at(receiver)))).toMatchObject({ status: 204 });
    } finally {
      for (const [index, name] of names.entries()) {
        if (before[index] === undefined) {
          delete process.env[name];
        } else {
          process.env[name] = before[index];
        }
      }
    }
    expect(proxy.connections()).toBe(0);
  });
});

describe('a response', () => {
  it('is kept in 512 bytes of text, cut between characters, without control characters', async () => {
    const receiver = await receiving((response) =>
      response.end(`\u0000\u001b[31ma\u202eb\n${'請'.repeat(400)}`),
    );
    const result = await senderWith().send(webhookTo(at(receiver)));
    expect(result).toMatchObject({ excerpt: `[31mab\n${'請'.repeat(168)}` });
  });

  it('that is not text, or is a character cut in half, still has an excerpt of at most 512 bytes', async () => {
    const receiver = await receiving((response) => response.end(Buffer.alloc(2_000, 0xe8)));
    const result = await senderWith().send(webhookTo(at(receiver)));
    const excerpt = result.kind === 'response' ? result.excerpt : '';
    expect(excerpt).toMatch(/^\ufffd+$/);
    expect(Buffer.byteLength(excerpt)).toBeLessThanOrEqual(512);
  });

  it('that is large or has no end is read up to 64 kB, after which the connection is destroyed', async () => {
    let error: unknown;
    const receiver = await receiving((response) => {
      const endless = new Readable({ read: () => endless.push(Buffer.alloc(65_536, 'x')) });
      pipeline(endless, response, (broken) => {
        error = broken;
      });
    });
    const sender = senderWith();
    expect(await sender.send(webhookTo(at(receiver)))).toMatchObject({
      status: 200,
      excerpt: 'x'.repeat(512),
    });
    await expect
      .poll(() => error)
      .toMatchObject({ code: expect.stringMatching(/PREMATURE_CLOSE|ECONNRESET|EPIPE/) });
    await expect.poll(() => connectionsOf(sender)).toBe(0);
  });

  it.each([
    ['120', 120],
    ['0', 0],
    ['31536000000', 31_536_000],
    ['9'.repeat(400), 31_536_000],
    ['Wed, 21 Oct 2026 07:30:00 GMT', 120],
    ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 31_536_000],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('Retry-After %s is %j seconds', async (header, seconds) => {
    const receiver = await receiving((response) => response.writeHead(429, { 'retry-after': header }).end());
    const wallClock = { ...systemClock, now: () => new Date('2026-10-21T07:28:00Z') };
    expect(await senderWith({ wallClock }).send(webhookTo(at(receiver)))).toMatchObject({
      status: 429,
      retryAfterSeconds: seconds,
    });
  });
});

describe('a receiver that', () => {
  const failureOf = async (receiver: Receiver, options: Partial<SenderOptions> = {}) => {
    const result = await senderWith({ timeoutMs: 600, ...options }).send(webhookTo(at(receiver)));
    return result.kind === 'no_response' ? `${result.problem}: ${result.message}` : result.status;
  };

  it('never responds times out, in words that say so', async () => {
    const receiver = await receiving(() => undefined);
    expect(await failureOf(receiver)).toBe('timed_out: 127.0.0.1 did not respond within 0.6 seconds');
  });

  it('hangs in the body times out, in words that name its status', async () => {
    const receiver = await receiving((response) => response.writeHead(200).write('{'));
    expect(await failureOf(receiver)).toBe(
      'timed_out: 127.0.0.1 responded with status 200, but its response was not complete after 0.6 seconds',
    );
  });

  it('sends a byte now and then times out all the same', async () => {
    const receiver = await receiving((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(receiver)).toContain('was not complete');
  });

  it('sends informational responses only times out too', async () => {
    const receiver = await receivingTcp((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'),
      );
    });
    expect(await failureOf(receiver)).toContain('did not respond');
  });

  it.each<[string, string, string]>([
    ['garbage', 'garbage\r\n\r\n', 'response_invalid: The response of 127.0.0.1 is not valid HTTP'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 'response_invalid'],
    [
      'headers of 1 MB',
      `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1_000_000)}\r\n\r\n`,
      'response_invalid: The response headers of 127.0.0.1 are too large',
    ],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', 'connection_reset'],
    ['nothing', '', 'connection_reset: 127.0.0.1 closed the connection without a complete response'],
  ])('sends %s and closes gives no response', async (_, bytes, expected) => {
    const receiver = await receivingTcp((socket) => socket.once('data', () => socket.end(bytes)));
    expect(await failureOf(receiver, { timeoutMs: 10_000 })).toContain(expected);
  });

  it('resets the connection gives no response', async () => {
    const receiver = await receivingTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await failureOf(receiver)).toContain('connection_reset');
  });

  it('is not there refuses the connection', async () => {
    const receiver = await receiving();
    await receiver.close();
    expect(await failureOf(receiver)).toBe(
      `connection_refused: 127.0.0.1 refuses connections on port ${receiver.port}`,
    );
  });

  it('hangs does not delay another one', async () => {
    const hanging = await receiving(() => undefined);
    const healthy = await receiving();
    const sender = senderWith({ timeoutMs: 60_000, maxConnections: 8 });
    const stuck = Array.from({ length: 20 }, () => sender.send(webhookTo(at(hanging))));
    const results = await Promise.all(Array.from({ length: 20 }, () => sender.send(webhookTo(at(healthy)))));
    expect(results.every((result) => result.kind === 'response')).toBe(true);
    await expect.poll(() => hanging.connections()).toBe(8);
    await sender.close();
    expect(new Set((await Promise.all(stuck)).map((result) => result.kind))).toEqual(
      new Set(['no_response']),
    );
  });

  it('takes all connections to its origin lets what waits for one time out, and it is never sent', async () => {
    const hanging = await receiving(() => undefined);
    const sender = senderWith({ timeoutMs: 300, maxConnections: 8 });
    const results = await Promise.all(Array.from({ length: 20 }, () => sender.send(webhookTo(at(hanging)))));
    expect(
      new Set(results.map((result) => (result.kind === 'no_response' ? result.problem : 'response'))),
    ).toEqual(new Set(['timed_out']));
    await expect.poll(() => connectionsOf(sender)).toBe(0);
    expect(hanging.received.length).toBeLessThanOrEqual(8);
  });

  it('cannot be connected to in time is reported as that', async () => {
    const busy = { dispatch: () => false } as unknown as Dispatcher;
    await expect(exchange(busy, { path: '/', method: 'POST' }, 'shop.example', 20)).rejects.toThrow(
      'No connection to shop.example was available within 0.02 seconds',
    );
  });
});

describe('TLS', () => {
  const DAY_MS = 86_400_000;
  const root = makeCertificate({ subject: 'Trusted test root', isCa: true });
  const intermediate = makeCertificate({ subject: 'Intermediate', isCa: true, issuer: root });
  const stranger = makeCertificate({ subject: 'Unknown test root', isCa: true });
  const sendOver = async (tls: HttpOptions['tls'], timeoutMs = 10_000) => {
    const receiver = await receiving(undefined, tls ? { tls } : {});
    const sender = senderWith({ ca: root.cert, timeoutMs });
    const result = await sender.send(webhookTo(`https://localhost:${receiver.port}/`));
    expect(receiver.received).toHaveLength(result.kind === 'response' ? 1 : 0);
    return result.kind === 'response' ? result.status : `${result.problem}: ${result.message}`;
  };

  it('with a certificate of a trusted authority delivers', async () => {
    expect(await sendOver(makeCertificate({ subject: 'Shop', issuer: root }))).toBe(204);
  });

  it.each<[string, HttpOptions['tls'], string]>([
    ['self-signed', makeCertificate({ subject: 'Shop' }), 'the certificate is self-signed'],
    [
      'expired',
      makeCertificate({ subject: 'Shop', issuer: root, validUntil: new Date(Date.now() - DAY_MS / 2) }),
      'the certificate has expired',
    ],
    [
      'not yet valid',
      makeCertificate({ subject: 'Shop', issuer: root, validFrom: new Date(Date.now() + DAY_MS) }),
      'the certificate is not valid yet',
    ],
    [
      'for another host name',
      makeCertificate({ subject: 'Shop', issuer: root, dnsNames: ['other.example'], ipAddresses: [] }),
      'the certificate is for another host name',
    ],
    [
      'of an unknown issuer',
      makeCertificate({ subject: 'Shop', issuer: stranger }),
      'the issuer of the certificate is unknown; the server may not send its intermediate certificates',
    ],
    [
      'without its intermediate',
      makeCertificate({ subject: 'Shop', issuer: intermediate }),
      'the issuer of the certificate is unknown; the server may not send its intermediate certificates',
    ],
    ['missing, as the port speaks plain HTTP', undefined, 'the server does not use TLS on this port'],
  ])('fails before anything is sent when the certificate is %s', async (_, tls, words) => {
    expect(await sendOver(tls)).toBe(`tls_failed: TLS with localhost failed: ${words}`);
  });

  it('that is cut off in the handshake says so', async () => {
    const receiver = await receivingTcp((socket) => socket.once('data', () => socket.destroy()));
    expect(await senderWith().send(webhookTo(`https://localhost:${receiver.port}/`))).toMatchObject({
      problem: 'tls_failed',
      message: 'TLS with localhost failed: the server closed the connection',
    });
  });

  it('whose handshake is never answered times out, in words that say so', async () => {
    const receiver = await receivingTcp(() => undefined);
    const sender = senderWith({ stepTimeoutMs: 600 });
    expect(await sender.send(webhookTo(`https://localhost:${receiver.port}/`))).toMatchObject({
      problem: 'timed_out',
      message: 'The TLS handshake with localhost was not complete after 0.6 seconds',
    });
    await expect.poll(() => connectionsOf(sender)).toBe(0);
  });
});

describe('connections', () => {
  it('are reused, and close when idle, whatever the receiver asks for', async () => {
    const receiver = await receiving((response) =>
      response.writeHead(200, { 'keep-alive': 'timeout=600' }).end(),
    );
    const sender = senderWith({ idleMs: 2_000 });
    for (let count = 0; count < 50; count += 1) {
      await sender.send(webhookTo(at(receiver)));
    }
    // A request that follows at once can need a second one.
    expect(receiver.connections()).toBeLessThanOrEqual(2);
    await expect.poll(() => connectionsOf(sender), { timeout: 20_000 }).toBe(0);
  });

  const isLinux = process.platform === 'linux';
  it.skipIf(!isLinux)('to thousands of origins leave nothing behind (needs all of 127.0.0.0/8)', async () => {
    const receiver = await receiving(undefined, { isOpen: true });
    const sender = senderWith({ idleMs: 100 });
    for (let batch = 0; batch < 40; batch += 1) {
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, host) =>
          sender.send(webhookTo(`http://127.1.${batch}.${host + 1}:${receiver.port}/`)),
        ),
      );
      expect(results.every((result) => result.kind === 'response')).toBe(true);
    }
    expect(receiver.connections()).toBe(2_000);
    await expect.poll(() => connectionsOf(sender), { timeout: 20_000 }).toBe(0);
  });

  it('that cannot be opened leave nothing behind either', async () => {
    const receiver = await receiving();
    await receiver.close();
    const sender = senderWith();
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, host) =>
        sender.send(webhookTo(`http://127.2.0.${host + 1}:${receiver.port}/`)),
      ),
    );
    expect(results.every((result) => result.kind === 'no_response')).toBe(true);
    await expect.poll(() => connectionsOf(sender)).toBe(0);
  });

  it('are not opened any more after close', async () => {
    const receiver = await receiving();
    const sender = senderWith();
    await sender.close();
    expect(await sender.send(webhookTo(at(receiver)))).toMatchObject({
      problem: 'connection_reset',
      message: 'The gateway was shutting down',
    });
  });
});

/** Origins that the sender keeps anything of. */
function connectionsOf({ agent }: ReturnType<typeof createWebhookSender>): number {
  return Object.keys(agent.stats).length;
}
