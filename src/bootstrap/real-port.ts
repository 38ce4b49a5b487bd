/**
 * Chooses a port for `PORT=0`, before anything else is built, because public links contain the port.
 */
import type { Config } from '../config.ts';
import { findFreePort } from '../lib/net/free-port.ts';

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
