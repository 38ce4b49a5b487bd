/**
 * The client's methods for webhook endpoints, against the real gateway, sender and a receiver that verifies.
 */
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type PgwClient, verifyWebhook } from '../../src/client/index.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { type Receiver, startReceiver } from '../webhook-sender/receivers.ts';

let gateway: TestGateway;
let receiver: Receiver;
let pgw: PgwClient;
let url: string;

beforeAll(async () => {
  [gateway, receiver] = await Promise.all([
    startTestGateway(),
    startReceiver((response) => response.writeHead(200).end('thanks')),
  ]);
  pgw = createClient({ baseUrl: gateway.url, credentials: await gateway.newMerchant() });
  url = `http://localhost:${receiver.port}/webhooks`;
});
afterAll(async () => {
  await gateway.close();
  await receiver.close();
});

/** Pings the endpoint and returns what it received. */
async function pinged(id: string) {
  const result = await pgw.pingWebhookEndpoint(id);
  expect(result).toMatchObject({ delivered: true, status: 200, response_excerpt: 'thanks' });
  const request = receiver.received.at(-1);
  if (!request) {
    throw new Error('nothing was received');
  }
  return request;
}

describe('a webhook endpoint of the client', () => {
  it('is created, listed, retrieved, changed and deleted', async () => {
    const created = await pgw.createWebhookEndpoint({ url, event_types: ['payment_intent.succeeded'] });
    const { id } = created;
    expect(created.secret).toMatch(/^whsec_/);
    expect((await pgw.listWebhookEndpoints()).map((one) => one.id)).toContain(id);
    expect(await pgw.updateWebhookEndpoint(id, { status: 'paused' })).toMatchObject({ status: 'paused' });
    expect(await pgw.retrieveWebhookEndpoint(id)).toMatchObject({ status: 'paused', url });
    expect(await pgw.listWebhookDeliveries(id, { status: 'failed' })).toEqual([]);
    expect(await pgw.deleteWebhookEndpoint(id)).toBeUndefined();
    await expect(pgw.retrieveWebhookEndpoint(id)).rejects.toMatchObject({ status: 404 });
    await expect(pgw.deleteWebhookEndpoint(id)).rejects.toMatchObject({ status: 404 });
  });

  it('receives a ping that verifyWebhook and the library of Standard Webhooks accept', async () => {
    const { id, secret = '' } = await pgw.createWebhookEndpoint({ url });
    const { body, headers } = await pinged(id);
    const event = await verifyWebhook(body, headers, secret);
    expect(event).toMatchObject({ type: 'ping', data: { webhook_endpoint: { id } } });
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(event);
  });

  it('is signed with the old and the new secret after a rotation, until the overlap ends', async () => {
    const { id, secret: former = '' } = await pgw.createWebhookEndpoint({ url });
    const { secret: current = '' } = await pgw.rotateWebhookSecret(id);
    const both = await pinged(id);
    for (const secret of [former, current]) {
      expect(await verifyWebhook(both.body, both.headers, secret)).toMatchObject({ type: 'ping' });
    }
    const { secret: last = '' } = await pgw.rotateWebhookSecret(id, { overlap_seconds: 0 });
    const { body, headers } = await pinged(id);
    expect(await verifyWebhook(body, headers, [former, last])).toMatchObject({ type: 'ping' });
    await expect(verifyWebhook(body, headers, [former, current])).rejects.toMatchObject({
      reason: 'no_matching_signature',
    });
  });

  it('with Ed25519 is verified with the public key', async () => {
    const { id, public_key: publicKey = '' } = await pgw.createWebhookEndpoint({ url, signature: 'ed25519' });
    const { body, headers } = await pinged(id);
    expect(await verifyWebhook(body, headers, publicKey)).toMatchObject({ type: 'ping' });
  });

  it('that cannot be reached is pinged with the reason in words, and has nothing to replay or to deliver again', async () => {
    const gone = await startReceiver();
    await gone.close();
    const { id } = await pgw.createWebhookEndpoint({ url: `http://localhost:${gone.port}/` });
    expect(await pgw.pingWebhookEndpoint(id)).toMatchObject({
      delivered: false,
      problem: expect.stringContaining('refuse'),
    });
    const period = { from: '2026-01-15T10:00:00Z', to: '2026-01-15T12:00:00Z', dry_run: true };
    expect(await pgw.replayWebhookEndpoint(id, period)).toEqual({ count: 0 });
    const delivery = 'wd_01JHMB5V00ZX8Y7W6V5T4S3R2Q';
    await expect(pgw.retrieveWebhookDelivery(delivery)).rejects.toMatchObject({ status: 404 });
    await expect(pgw.redeliverWebhook(delivery)).rejects.toMatchObject({ status: 404 });
  });

  it('of an address that is not public is refused, in words that say what to do', async () => {
    await expect(pgw.createWebhookEndpoint({ url: 'https://169.254.169.254/latest' })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('public'),
    });
  });
});
