/**
 * One keep-alive HTTP/1.1 connection with one request in flight, as cheap as it can be: the load shares two cores with what
 * it measures. Knows only what the servers under test answer: a status line and a body of a told length.
 */
import { connect, type Socket } from 'node:net';

/** Told the status, or 0 when the connection broke, and the body's text when it was asked for. */
export type OnAnswer = (status: number, body: string) => void;

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)/i;
const STATUS_AT = 'HTTP/1.1 '.length;

export class HttpConnection {
  readonly #socket: Socket;
  #pending: Buffer | undefined;
  #onAnswer: OnAnswer | undefined;
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

  /** Sends one whole request; the next may follow when this one was answered. */
  send(request: string, onAnswer: OnAnswer, wantsBody = false): void {
    this.#onAnswer = onAnswer;
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
    // Without a told length the answer cannot be measured; it counts as none.
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
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(status, body);
  }
}
