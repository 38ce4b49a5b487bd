/**
 * One request and its response, within a time limit that includes waiting for a connection and reading the body. What
 * took the time is known from how far the request has come.
 */
import type { Dispatcher } from 'undici';
import { systemClock } from '../lib/clock.ts';
import { SendFault } from './problems.ts';

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The beginning of the body. */
  readonly body: Buffer;
}

export interface ReadLimits {
  /** How much of a response is read; then the connection is destroyed, and the response counts as it is. */
  readonly maxReadBytes: number;
  /** How much of it is kept in memory. */
  readonly maxKeptBytes: number;
}

/** Of the response to a webhook only the beginning is of interest. */
const WEBHOOK_LIMITS: ReadLimits = { maxReadBytes: 65_536, maxKeptBytes: 1_024 };

/** @throws SendFault when the time is up, else whatever undici and the connector throw */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  host: string,
  timeoutMs: number,
  limits = WEBHOOK_LIMITS,
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const running = new Exchange(host, timeoutMs, limits, resolve, reject);
    try {
      dispatcher.dispatch(request, running);
    } catch (error) {
      running.fail(error);
    }
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #host: string;
  readonly #timeoutMs: number;
  readonly #limits: ReadLimits;
  readonly #resolve: (response: RawResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #ended = new AbortController();
  #controller: Dispatcher.DispatchController | undefined;
  #head: Omit<RawResponse, 'body'> | undefined;
  #readBytes = 0;
  #kept: Buffer[] = [];

  constructor(
    host: string,
    timeoutMs: number,
    limits: ReadLimits,
    resolve: (response: RawResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#host = host;
    this.#timeoutMs = timeoutMs;
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    void systemClock.sleep(timeoutMs, this.#ended.signal).then(() => this.#timeOut());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The time was up before undici had a connection for the request. Nothing has been written.
    if (this.#ended.signal.aborted) {
      controller.abort(new Error('the request had ended before'));
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: RawResponse['headers'],
  ): void {
    if (status >= 200) {
      this.#head = { status, headers };
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { maxKeptBytes, maxReadBytes } = this.#limits;
    if (this.#readBytes < maxKeptBytes) {
      this.#kept.push(Buffer.from(chunk.subarray(0, maxKeptBytes - this.#readBytes)));
    }
    this.#readBytes += chunk.length;
    if (this.#readBytes >= maxReadBytes) {
      this.onResponseEnd();
      controller.abort(new Error('the rest of the response is not read'));
    }
  }

  onResponseEnd(): void {
    if (this.#head) {
      this.#end();
      this.#resolve({ ...this.#head, body: Buffer.concat(this.#kept) });
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#ended.abort();
  }

  #timeOut(): void {
    if (this.#ended.signal.aborted) {
      return;
    }
    const fault = new SendFault('timed_out', this.#whatTookTheTime());
    this.fail(fault);
    this.#controller?.abort(fault);
  }

  #whatTookTheTime(): string {
    const seconds = `${this.#timeoutMs / 1_000} seconds`;
    if (!this.#controller) {
      return `No connection to ${this.#host} was available within ${seconds}`;
    }
    return this.#head
      ? `${this.#host} responded with status ${this.#head.status}, but its response was not complete after ${seconds}`
      : `${this.#host} did not respond within ${seconds}`;
  }
}
