/**
 * A minimal keep-alive HTTP/1.1 connection with one request in flight. It has to be cheap, because the load shares two
 * cores with the servers that it measures. Supports only their responses: a status line and a body with Content-Length.
 */
import { connect, type Socket } from 'node:net';

/** Receives the status (0 if the connection broke) and the body if it was requested or the status is not 2xx. */
export type OnResponse = (status: number, body: string) => void;

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)/i;
const STATUS_AT = 'HTTP/1.1 '.length;

export class HttpConnection {
  readonly #socket: Socket;
  #pending: Buffer | undefined;
  #onAnswer: OnResponse | undefined;
  #wantsBody = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#finish(0, 'the connection was closed'));
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpConnection(socket));
      });
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Sends one complete request; the next may be sent only after the response. */
  send(request: string, onResponse: OnResponse, wantsBody = false): void {
    this.#onAnswer = onResponse;
    this.#wantsBody = wantsBody;
    if (this.isOpen) {
      this.#socket.write(request);
    } else {
      this.#finish(0, 'the connection is closed');
    }
  }

  close(): void {
    this.#onAnswer = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const data = this.#pending ? Buffer.concat([this.#pending, chunk]) : chunk;
    const headEnd = data.indexOf(END_OF_HEAD);
    if (headEnd < 0) {
      this.#pending = data;
      return;
    }
    const head = data.toString('latin1', 0, headEnd);
    const length = Number(CONTENT_LENGTH.exec(head)?.[1] ?? Number.NaN);
    const bodyStart = headEnd + END_OF_HEAD.length;
    // A response without Content-Length is not supported and counts as a broken connection.
    if (Number.isNaN(length)) {
      this.#socket.destroy();
      return;
    }
    if (data.length < bodyStart + length) {
      this.#pending = data;
      return;
    }
    this.#pending = undefined;
    const status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
    const isExplained = this.#wantsBody || status >= 300;
    this.#finish(status, isExplained ? data.toString('utf8', bodyStart, bodyStart + length) : '');
  }

  #finish(status: number, body: string): void {
    const onResponse = this.#onAnswer;
    this.#onAnswer = undefined;
    onResponse?.(status, body);
  }
}
