/**
 * The HTTP server around the app: bounds on slow clients, answers to what is not HTTP, and a close that lets requests in
 * flight finish.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type Koa from 'koa';
import { DomainError } from '../domain/errors.ts';
import { errorBody } from './errors.ts';
import type { State } from './state.ts';

export interface HttpServer {
  /** The port it listens on, also when 0 was asked for. */
  readonly port: number;
  /** Takes no new connections, lets requests in flight finish, then resolves. */
  close(): Promise<void>;
}

/** Longer than the idle time of common load balancers, so that they close first. */
const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;

/** @throws what listening throws, for example EADDRINUSE */
export async function listen(app: Koa<State>, port: number, host: string): Promise<HttpServer> {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS },
    app.callback(),
  );
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeGently(server) };
}

function closeGently(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
  });
}

/** What cannot be read as HTTP never reaches the app; it is answered in the same form all the same. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const refusal = new DomainError('invalid_request', 'The request is not valid HTTP', {
    details: { field: 'request', constraint: 'http' },
  });
  const body = errorBody(refusal);
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
