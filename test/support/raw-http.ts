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
    // A server that refuses early may close the connection before it has read everything; its response has arrived.
    socket.on('error', () => undefined);
    // One character for each byte, so that lengths are those of the bytes.
    socket.on('close', () => resolve(Buffer.concat(received).toString('latin1')));
  });
}

/** Parses the single response in a text. @throws when it is not a response with a whole JSON body */
export function parseResponse(text: string): TestResponse {
  const [response, ...others] = parseResponses(text);
  if (!response || others.length > 0) {
    throw new Error(`this is not one response: ${JSON.stringify(text)}`);
  }
  return response;
}

/** Parses the responses in a text, without the interim ones. The body of a response to HEAD is undefined. */
export function parseResponses(text: string): TestResponse[] {
  const responses: TestResponse[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(rest)?.[1]);
    if (end < 0 || Number.isNaN(status)) {
      throw new Error(`this is not a response: ${JSON.stringify(rest.slice(0, 500))}`);
    }
    const headers = parseHeaders(rest.slice(0, end).split('\r\n').slice(1));
    rest = rest.slice(end + 4);
    if (status >= 200) {
      const hasBody = rest !== '' && !rest.startsWith('HTTP/1.1 ');
      const length = hasBody ? Number(headers.get('Content-Length') ?? rest.length) : 0;
      const bytes = Buffer.from(rest.slice(0, length), 'latin1');
      const isJson = headers.get('Content-Type')?.startsWith('application/json');
      const content = bytes.toString('utf8');
      const body = isJson && hasBody ? JSON.parse(content) : content;
      responses.push({ status, headers, body: hasBody ? body : undefined, bytes });
      rest = rest.slice(length);
    }
  }
  return responses;
}

function parseHeaders(lines: readonly string[]): Headers {
  return new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}
