import type { ServerResponse } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { newSigningKey } from '../../src/lib/webhooks/keys.ts';
import { createWebhookSender } from '../../src/webhook-sender/create-sender.ts';
import { eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from './receivers.ts';

/** As many as a gateway has in flight at most, to receivers of one platform. */
const HANGING = 256;

let receiver: Receiver;
const waiting: ServerResponse[] = [];
const sender = createWebhookSender({ allowsLocal: true, wallClock: systemClock, timeoutMs: 120_000 });

afterEach(async () => {
  await sender.close();
  await receiver.close();
});

it('a receiver is not delayed by others of its origin that hang', async () => {
  receiver = await startReceiver((response, { path }) => {
    if (path === '/hanging') {
      waiting.push(response);
    } else {
      response.writeHead(204).end();
    }
  });
  const hanging = Array.from({ length: HANGING }, () => send('/hanging'));
  await eventually(() => expect(waiting).toHaveLength(HANGING));

  expect(await send('/')).toMatchObject({ kind: 'response', status: 204 });
  for (const response of waiting) {
    response.writeHead(204).end();
  }
  await Promise.all(hanging);
});

function send(path: string) {
  return sender.send({
    url: `http://127.0.0.1:${receiver.port}${path}`,
    eventId: 'evt_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
    body: '{}',
    keys: [newSigningKey('hmac')],
    timestamp: 1_768_471_200,
  });
}
