/**
 * `/metrics` for Prometheus, on a separate port that must not be public.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';

/** @returns the port and a way to close; throws what listening throws */
export async function serveMetrics(
  metrics: Metrics,
  port: number,
  host: string,
  log: Logger,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      const { contentType, text } = await metrics.render();
      response.writeHead(200, { 'Content-Type': contentType }).end(text);
    } catch (err) {
      log.error({ err }, 'the metrics could not be read');
      response.writeHead(503).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
