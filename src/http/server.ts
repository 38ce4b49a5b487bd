/**
 * The HTTP server around the app: limits for slow clients, responses to malformed HTTP, and a close that lets requests in
 * flight finish.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { DomainError } from '../domain/errors.ts';
import type { App } from './app.ts';
import { BatchedResponse } from './batched-response.ts';
import { errorBody } from './errors.ts';
import { JSON_HEADERS } from './response.ts';

export interface HttpServer {
  /** The port it listens on, also when 0 was requested. */
  readonly port: number;
  /** Stops accepting connections, lets requests in flight finish, then resolves. */
  close(): Promise<void>;
}

/** Longer than the idle time of common load balancers, so that they close first. */
const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** How long requests in flight may take after the server stops accepting new ones: longer than a provider call. */
const CLOSE_MS = 60_000;

/** @throws what listening throws, for example EADDRINUSE */
export async function listen(
  app: App,
  port: number,
  host: string,
  closeMs: number = CLOSE_MS,
): Promise<HttpServer> {
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      ServerResponse: BatchedResponse,
    },
    app.koa.callback(),
  );
  const connections = track(server);
  server.on('clientError', (error, socket) => void answerClientError(app, error, socket as Socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closeGently(server, connections, closeMs),
  };
}

function track(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return connections;
}

function closeGently(server: Server, connections: ReadonlySet<Socket>, closeMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
    // Browsers open connections in advance. Node counts an unused one as busy and would never close it.
    for (const socket of connections) {
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }
    // Node no longer enforces its time-outs on a client that is stuck in the middle of its request.
    AbortSignal.timeout(closeMs).addEventListener('abort', () => server.closeAllConnections());
  });
}

/** Malformed HTTP never reaches the Koa chain, but is answered in the same error form. */
async function answerClientError(app: App, error: Error & { code?: string }, socket: Socket): Promise<void> {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    return;
  }
  const refusal = new DomainError('invalid_request', 'The request is not valid HTTP', {
    details: { field: 'request', constraint: 'http' },
  });
  const body = errorBody(refusal);
  const headers = {
    ...(await app.refusalHeaders().catch(() => ({}))),
    ...JSON_HEADERS,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
