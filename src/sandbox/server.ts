/**
 * Listens, over HTTP or HTTPS, and ends at once when told to: a simulated hang would otherwise keep the process
 * alive for ever.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SandboxOptions } from './core/options.ts';

export interface RunningServer {
  /** Address that a client on this machine can use. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Node's five seconds would now and then cut a connection at the moment when a client uses it again: a fault that no
 * test asked for.
 */
const KEEP_ALIVE_MS = 65_000;

/** Starts to listen. @throws an error with the system's `code` when the port is taken */
export async function startServer(
  options: Pick<SandboxOptions, 'host' | 'port' | 'tls'>,
  listener: RequestListener,
): Promise<RunningServer> {
  const server = options.tls ? createSecureServer(options.tls, listener) : createServer(listener);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const host = options.host ?? '127.0.0.1';
  await listen(server, host, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const authority = name.includes(':') ? `[${name}]` : name;
  return {
    url: `${options.tls ? 'https' : 'http'}://${authority}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const hint = cause.code === 'EADDRINUSE' ? '; another program uses this port' : '';
      const error = new Error(`The PayPay sandbox cannot listen on ${host}:${port}${hint}`, { cause });
      reject(Object.assign(error, { code: cause.code }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}
