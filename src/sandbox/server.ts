/**
 * The sandbox's HTTP or HTTPS listener. It closes immediately, because a simulated hang would otherwise keep the
 * process alive indefinitely.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SandboxOptions } from './core/options.ts';

export interface RunningServer {
  /** Base URL for clients on this machine. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * With Node's default of five seconds, the server would occasionally close a connection just as a client reuses it: a
 * fault that no test has set.
 */
const KEEP_ALIVE_MS = 65_000;

/** Starts listening. @throws an Error with the system's `code`, such as EADDRINUSE, when that is not possible */
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
