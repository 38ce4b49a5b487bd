import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { listen } from '../../src/http/server.ts';
import { contract, contractText } from '../support/contract.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

/** A second server of the gateway's services, with `isDraining` as during a shutdown. */
async function listenWith({ isDraining }: { isDraining: boolean }, closeMs?: number) {
  const app = await createApp(
    { ...gateway.deps, isDraining: () => isDraining },
    {
      contractText,
      publicUrl: 'http://localhost:8080',
      contract: structuredClone(contract),
      limits: { global: 0, merchant: 0 },
    },
  );
  return listen(app, 0, '127.0.0.1', closeMs === undefined ? {} : { closeMs });
}

it('while the process shuts down it is not ready, but healthy', async () => {
  const server = await listenWith({ isDraining: true });
  const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
  expect([await statusOf('/ready'), await statusOf('/health')]).toEqual([503, 200]);
  await server.close();
});

it('a client that stops in the middle of its request does not block a shutdown', async () => {
  const server = await listenWith({ isDraining: false }, 100);
  const socket = connect(server.port, '127.0.0.1');
  await new Promise((sent) =>
    socket.write('POST /v1/payment_intents HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{', sent),
  );
  // Its bytes have arrived once a whole request on another connection has been answered.
  await fetch(`http://127.0.0.1:${server.port}/health`);
  const closed = once(socket, 'close');
  await server.close();
  await closed;
});
