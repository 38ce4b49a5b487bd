import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { BatchedResponse } from '../../src/http/batched-response.ts';

async function listen(
  onRequest: RequestListener<typeof IncomingMessage, typeof BatchedResponse>,
): Promise<number> {
  const server = createServer({ ServerResponse: BatchedResponse }, onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('an answer leaves when its turn of the event loop is over, not before', async () => {
  const seen: boolean[] = [];
  const port = await listen((_req, res) => {
    res.end('done');
    seen.push(res.headersSent);
    res.on('finish', () => seen.push(res.headersSent));
  });
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(await response.text()).toBe('done');
  expect(seen).toEqual([false, true]);
});

test('answers of pipelined requests leave in the order of the requests', async () => {
  let waiting: (() => void) | undefined;
  const port = await listen((req, res) => {
    const answer = () => res.end(req.url);
    // The second is ready first.
    if (req.url === '/first') {
      waiting = answer;
    } else {
      answer();
      waiting?.();
    }
  });
  const socket = connect(port, '127.0.0.1');
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
  socket.write(get('/first') + get('/second', 'Connection: close\r\n'));
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
  }
  expect(text.match(/\/(first|second)/g)).toEqual(['/first', '/second']);
});

test('ending twice is told to the second caller, and the first answer stays', async () => {
  const errors: unknown[] = [];
  const port = await listen((_req, res) => {
    res.end('one');
    res.end((error?: NodeJS.ErrnoException) => errors.push(error?.code));
  });
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(await response.text()).toBe('one');
  await expect.poll(() => errors).toEqual(['ERR_STREAM_ALREADY_FINISHED']);
});

test('an answer whose client has gone in the same turn harms nobody', async () => {
  let asked = 0;
  const port = await listen((req, res) => {
    asked += 1;
    res.end('late');
    if (req.url === '/gone') {
      req.socket.destroy();
    }
  });
  await expect(fetch(`http://127.0.0.1:${port}/gone`)).rejects.toThrow();
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('late');
  expect(asked).toBe(2);
});

test('an answer that cannot be sent does not take the others of its turn with it', async () => {
  const held: BatchedResponse[] = [];
  const port = await listen((_req, res) => {
    held.push(res);
    if (held.length < 3) {
      return;
    }
    Object.defineProperty(held[1], 'writeHead', {
      value: () => {
        throw new Error('cannot be sent');
      },
    });
    for (const one of held) {
      one.end('fine');
    }
  });
  const texts = [1, 2, 3].map(async (n) => {
    const response = await fetch(`http://127.0.0.1:${port}/${n}`);
    return response.text();
  });
  const results = await Promise.allSettled(texts);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
});
