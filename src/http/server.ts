/**
 * The HTTP server around the app: limits for slow clients, responses to malformed HTTP, and a close that lets requests in
 * flight finish.
 */
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { BatchedResponse } from './batched-response.ts';
import { errorBody } from './errors.ts';
import { type HttpRefusal, refusalOf } from './http-refusal.ts';
import { toOriginForm } from './middleware/strict-http.ts';
import { JSON_HEADERS } from './response.ts';

/** What a server serves: the API or the console. */
export interface ServedApp {
  readonly koa: { callback(): RequestListener };
  /** Logs and counts a request that is refused before it reaches the chain, and returns the headers of every response. */
  refuse(refusal: HttpRefusal, peer: string | undefined): Promise<Record<string, string>>;
}

export interface HttpServer {
  /** The port it listens on, also when 0 was requested. */
  readonly port: number;
  /** Stops accepting connections, lets requests in flight finish, then resolves. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** How long an idle connection stays open. Must exceed the load balancer's idle time, so that the balancer closes first. */
  readonly keepAliveMs?: number;
  readonly headersMs?: number;
  readonly requestMs?: number;
  /** How often the timeouts of slow requests are checked. */
  readonly checkMs?: number;
  /** How long requests in flight may take after the server stops accepting new ones: longer than a provider call. */
  readonly closeMs?: number;
}

const DEFAULTS: Required<ServerOptions> = {
  // Longer than the idle time of common load balancers.
  keepAliveMs: 65_000,
  headersMs: 10_000,
  requestMs: 30_000,
  // Node's default of 30 s would let a request take twice its timeout.
  checkMs: 2_000,
  closeMs: 60_000,
};

/** More than one process can serve, but few enough that open connections fit into its memory. */
const MAX_CONNECTIONS = 20_000;

/** @throws what listening throws, for example EADDRINUSE */
export async function listen(
  app: ServedApp,
  port: number,
  host: string,
  options: ServerOptions = {},
): Promise<HttpServer> {
  const { keepAliveMs, headersMs, requestMs, checkMs, closeMs } = { ...DEFAULTS, ...options };
  const server = createServer({
    keepAliveTimeout: keepAliveMs,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
    // Node's own refusal would not have the error form.
    requireHostHeader: false,
    ServerResponse: BatchedResponse,
  });
  server.maxConnections = MAX_CONNECTIONS;
  // Unlimited in number, because Node would silently drop a second Host after 2,000 headers. Their total length is limited.
  server.maxHeadersCount = 0;
  const connections = track(server);
  answerRequests(server, app);
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

/** Answers every request in the error form, including those that Node would answer by itself or not at all. */
function answerRequests(server: Server, app: ServedApp): void {
  const handle = app.koa.callback();
  const answer: RequestListener = (request, response) => {
    request.url = toOriginForm(request.url ?? '');
    void handle(request, response);
  };
  server.on('request', answer);
  server.on('checkExpectation', answer);
  // Node would ask for the body of every request before anything has decided whether to read it.
  server.on('checkContinue', answer);
  server.on('connect', (_request, socket) => void refuse(app, refusalOf(undefined), socket as Socket));
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as AnsweringSocket;
    if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
      // The client is gone, or a response has already begun.
      socket.destroy();
      return;
    }
    void refuse(app, refusalOf(error.code), socket);
  });
}

/** Node's default handler reads the same field. */
interface AnsweringSocket extends Socket {
  readonly _httpMessage?: ServerResponse;
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
    // Node no longer enforces its timeouts on a client that is stuck in the middle of its request.
    AbortSignal.timeout(closeMs).addEventListener('abort', () => server.closeAllConnections());
  });
}

/** What never reaches the Koa chain is answered in the same error form. */
async function refuse(app: ServedApp, refusal: HttpRefusal, socket: Socket): Promise<void> {
  const body = errorBody(refusal);
  const headers = {
    ...(await app.refuse(refusal, socket.remoteAddress).catch(() => ({}))),
    ...JSON_HEADERS,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { status } = refusal;
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`, () =>
    socket.destroy(),
  );
}
