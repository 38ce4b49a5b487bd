/**
 * Sends bytes to a port, for requests that no HTTP client sends.
 */
import { connect } from 'node:net';
import type { TestResponse } from './gateway.ts';

/** Resolves with everything received until the server closes the connection; '' if it was reset before that. */
export function sendBytes(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    // A server that refuses early may close before it has read everything; what it answered has arrived.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(received).toString('utf8')));
  });
}

/** Parses the single response in a text. @throws when it is not a response with a whole JSON body */
export function parseResponse(text: string): TestResponse {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? Number.NaN);
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const content = rest.join('\r\n\r\n');
  const isJson = headers.get('Content-Type')?.startsWith('application/json');
  return { status, headers, body: isJson ? JSON.parse(content) : content, bytes: Buffer.from(content) };
}
