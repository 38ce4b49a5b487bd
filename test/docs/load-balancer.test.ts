/**
 * The HAProxy configuration of the operator's manual, with nodes that carry a request out and die before they respond.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { isInstalled } from '../support/redis.ts';

const manual = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const [, documented = ''] = /^```\n(defaults\n[\s\S]*?backend pgw\n[\s\S]*?)^```$/m.exec(manual) ?? [];

const hasProxy = isInstalled('haproxy', '-v');

/** Ready, but closes the connection of every POST without a response, after it has counted it. */
async function startNode(counts: { posts: number }): Promise<Server> {
  const node = createServer((request, response) => {
    if (request.method === 'POST') {
      counts.posts += 1;
      request.socket.destroy();
      return;
    }
    response.end('ok');
  });
  node.listen(0, '127.0.0.1');
  await once(node, 'listening');
  onTestFinished(() => {
    node.closeAllConnections();
    node.close();
  });
  return node;
}

async function startProxy(nodes: readonly Server[]): Promise<string> {
  const port = await findFreePort();
  const backend = nodes.reduce((text, node, index) => {
    const address = `127.0.0.1:${(node.address() as AddressInfo).port}`;
    return text.replace(`10.0.0.${index + 1}:8080`, address);
  }, documented);
  const folder = mkdtempSync(join(tmpdir(), 'pgw-load-balancer-'));
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, `${backend}\nfrontend front\n  bind 127.0.0.1:${port}\n  default_backend pgw\n`);
  const proxy = spawn('haproxy', ['-f', file, '-db'], { stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = once(proxy, 'exit');
    proxy.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });
  const url = `http://127.0.0.1:${port}/`;
  await expect
    .poll(() =>
      fetch(url).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  return url;
}

describe.skipIf(!hasProxy)(
  `the load balancer of the manual${hasProxy ? '' : ' (needs haproxy)'}, when a node dies after it carried a POST out`,
  () => {
    it('does not repeat the POST without an Idempotency-Key', async () => {
      const counts = { posts: 0 };
      const url = await startProxy([await startNode(counts), await startNode(counts)]);
      expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(502);
      expect(counts.posts).toBe(1);
    });

    it('repeats it with one, which is safe', async () => {
      const counts = { posts: 0 };
      const url = await startProxy([await startNode(counts), await startNode(counts)]);
      await fetch(url, { method: 'POST', body: '{}', headers: { 'Idempotency-Key': 'order_1' } });
      expect(counts.posts).toBeGreaterThan(1);
    });
  },
);
