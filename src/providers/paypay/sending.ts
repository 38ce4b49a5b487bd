/**
 * Decides whether a request was sent: THE table of what "not sent" means. The decision rests on an observed fact and not on
 * error codes, because there are many codes, they differ between versions of Node and OpenSSL, and new ones appear. undici
 * announces a request just before it writes its first byte. A call that ends without that announcement had no effect at
 * PayPay.
 *
 * | ended by | the request is |
 * |---|---|
 * | an invalid request, such as a header value with a line feed | not sent |
 * | a name that cannot be resolved | not sent |
 * | a connection that is refused, unreachable, reset or not established in time | not sent |
 * | a certificate that is self-signed, from an unknown issuer, without its chain, for another name, expired or not yet valid | not sent |
 * | a TLS handshake that is refused, cut off, never answered, or answered by another protocol | not sent |
 * | a timeout while waiting for a free connection | not sent |
 * | an open circuit, a closed client | not sent |
 * | anything after the announcement, on a new or a reused connection | possibly sent, so its effect is unknown |
 */
import { DecoratorHandler, type Dispatcher } from 'undici';

/** For one request: calls `onBegin` just before its first byte is written. */
export function noticeSending(onBegin: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => dispatch(options, new SendingHandler(handler, onBegin));
}

class SendingHandler extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #onBegin: () => void;

  constructor(handler: Dispatcher.DispatchHandler, onBegin: () => void) {
    super(handler);
    this.#handler = handler;
    this.#onBegin = onBegin;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
    // undici drops a call here that timed out while it waited for a connection. It writes nothing of it.
    if (!controller.aborted) {
      this.#onBegin();
    }
  }
}

/**
 * Rejects with the signal's reason when the call times out before the request has begun. Needed because undici ends a
 * request that waits for a connection only once it has one. It never writes such a request.
 */
export function whenTimeIsOver(signal: AbortSignal, isBegun: () => boolean): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => !isBegun() && reject(signal.reason), { once: true });
  });
}
