/**
 * Receivers of webhooks on this machine, as bad as they come.
 */
import { createServer as createHttpServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly port: number;
  /** Complete requests. */
  readonly received: Received[];
  /** Connections ever accepted. */
  connections(): number;
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  /** All addresses of this machine, instead of 127.0.0.1. */
  readonly isOpen?: boolean;
}

/** An HTTP server that records requests and responds as the test wants; by default with 204. */
export async function startReceiver(
  respond: (response: ServerResponse, request: Received) => void = (response) =>
    response.writeHead(204).end(),
  { tls, isOpen = false }: HttpOptions = {},
): Promise<Receiver> {
  const received: Received[] = [];
  const server = tls ? createHttpsServer(tls) : createHttpServer();
  server.on('request', async (request, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const { method = '', url: path = '', headers } = request;
    const complete = { method, path, headers, body: Buffer.concat(chunks).toString() };
    received.push(complete);
    respond(response, complete);
  });
  return { received, ...(await listen(server, isOpen ? undefined : '127.0.0.1')) };
}

/** A server that only knows TCP. */
export async function startTcp(onConnection: (socket: Socket) => void): Promise<Receiver> {
  return { received: [], ...(await listen(createTcpServer(onConnection), '127.0.0.1')) };
}

async function listen(server: Server, host: string | undefined): Promise<Omit<Receiver, 'received'>> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}
