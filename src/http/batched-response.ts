/**
 * The response of the server, whose last bytes go out together with those of the other responses of this turn of the
 * event loop. A write wakes the client at once, and waking a sleeping one costs the server more than the write itself:
 * one by one, half of the time of a small request went there. Nothing waits longer than the turn takes, and whoever is
 * alone in it does not wait at all. Between `end` and that moment a header that is set still counts, so nothing may be
 * set after `end`.
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

  /** The first end stays; Node knows what to tell about a second. */
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
      // The others of this turn, and the process, must not go down with it.
      response.destroy(error as Error);
    }
  }
}
