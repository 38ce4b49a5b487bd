/**
 * Chooses a port for `PORT=0`, before anything else is built, because public links contain the port.
 */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Config } from '../config.ts';

/** The configuration with port 0 replaced by a free port. */
export async function withRealPort(config: Config): Promise<Config> {
  const { port: wanted, host, publicBaseUrl } = config.http;
  if (wanted !== 0) {
    return config;
  }
  const port = await findFreePort(host);
  return {
    ...config,
    http: { ...config.http, port, publicBaseUrl: publicBaseUrl.replace(/:0$/, `:${port}`) },
  };
}

async function findFreePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
