/**
 * Whether a request was sent: THE table of what "not sent" means. It is told by a fact and not by the codes of errors,
 * because those are many, differ between versions of Node and OpenSSL, and grow. undici announces a request just before
 * it writes the first byte of it. A call that ends without that announcement took no effect at PayPay.
 *
 * | ended by | the request is |
 * |---|---|
 * | a request that cannot be written down: a value no header may hold | not sent |
 * | no address for the name | not sent |
 * | a connection that is refused, unreachable, reset or not made in time | not sent |
 * | a certificate that is self-signed, of an unknown issuer, without its chain, of another name, not valid now | not sent |
 * | a TLS handshake that is refused, cut, never answered or answered by something else | not sent |
 * | a timeout while it waits for one of the connections | not sent |
 * | an open circuit, a closed client | not sent |
 * | anything after the announcement, on a new or a kept connection | perhaps sent, so its effect is unknown |
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
    // A call whose time was over before its turn came is given up here, and nothing of it is written.
    if (!controller.aborted) {
      this.#onBegin();
    }
  }
}

/**
 * Rejects with the signal's reason when its time is over and the request is not begun: undici gives up a request that
 * waits for a connection only once it has one. It never writes such a request.
 */
export function whenTimeIsOver(signal: AbortSignal, isBegun: () => boolean): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => !isBegun() && reject(signal.reason), { once: true });
  });
}
