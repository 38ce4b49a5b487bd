/**
 * A server response whose last bytes are written together with those of the other responses of the same event-loop tick.
 * A write wakes the client, and waking a sleeping process costs more than the write itself: written one by one, that was
 * half of the time of a small request. No response waits longer than the tick, and a single one does not wait. A header
 * set between `end` and the write would still be sent, so no code may set headers after `end`.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';

type EndArguments = [chunk: unknown, encoding: BufferEncoding, onEnd?: () => void];

let ending: BatchedResponse[] = [];

export class BatchedResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  #last: EndArguments | undefined;

  override end(onEnd?: () => void): this;
  override end(chunk: unknown, onEnd?: () => void): this;
  override end(chunk: unknown, encoding: BufferEncoding, onEnd?: () => void): this;
  override end(...last: unknown[]): this {
    if (this.#last) {
      return this.#endAgain(last as EndArguments);
    }
    this.#last = last as EndArguments;
    if (ending.length === 0) {
      setImmediate(endTogether);
    }
    ending.push(this as BatchedResponse);
    return this;
  }

  /** Ends what {@link end} was called for. */
  endNow(): void {
    if (!this.writableEnded) {
      super.end(...(this.#last as EndArguments));
    }
  }

  /** The first end counts; Node reports the second one. */
  #endAgain(last: EndArguments): this {
    this.endNow();
    return super.end(...last);
  }
}

function endTogether(): void {
  const responses = ending;
  ending = [];
  for (const response of responses) {
    try {
      response.endNow();
    } catch (error) {
      // One failed response must not affect the others of this tick, or the process.
      response.destroy(error as Error);
    }
  }
}
