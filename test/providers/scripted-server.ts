/**
 * A server that sends scripted responses and records the requests: a stand-in for PayPay in tests of the provider.
 * Unlike the sandbox, it has no PayPay behaviour of its own.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The client's port: equal for two requests on one connection. */
  readonly peerPort: number | undefined;
}

export type Script = (response: ServerResponse, seen: Seen) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly seen: Seen[];
  /** Sends the response to each of the next requests. */
  script: Script;
  close(): Promise<void>;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      const one = { method, url, headers, body, peerPort: socket.remotePort };
      seen.push(one);
      scripted.script(response, one);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const scripted: ScriptedServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    script: reply(200, 'SUCCESS', {}),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  return scripted;
}

/** A response in PayPay's envelope. */
export function reply(
  status: number,
  code: string,
  data: unknown = null,
  headers: Record<string, string> = {},
  codeId = '',
): Script {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', 'X-REQUEST-ID': 'OPA123', ...headers });
    response.end(JSON.stringify({ resultInfo: { code, message: 'secret words | x', codeId }, data }));
  };
}

export function replyRaw(status: number, text: string): Script {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'text/html' });
    response.end(text);
  };
}
