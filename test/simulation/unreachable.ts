/**
 * A PayPay that cannot be reached: calls fail in the TLS handshake, before the first byte of the request.
 */
import type { Provider } from '../../src/providers/provider.ts';

export interface Reachability {
  readonly provider: Provider;
  /** The next calls are not sent. */
  breakFor(calls: number): void;
}

/** @param broken the same provider at an address where no TLS is spoken */
export function withTlsFaults(provider: Provider, broken: Provider): Reachability {
  let callsLeft = 0;
  const route = <T extends object>(whole: T, none: T): T =>
    new Proxy(whole, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || name === 'cancellableUntil') {
          return member;
        }
        return (...args: unknown[]) => {
          const isBroken = callsLeft > 0;
          callsLeft -= isBroken ? 1 : 0;
          return Reflect.apply(Reflect.get(isBroken ? none : whole, name) as () => unknown, undefined, args);
        };
      },
    });
  const { codes, refunds } = provider;
  return {
    provider: {
      ...provider,
      ...(codes && broken.codes && { codes: route(codes, broken.codes) }),
      ...(refunds && broken.refunds && { refunds: route(refunds, broken.refunds) }),
    },
    breakFor(calls) {
      callsLeft = calls;
    },
  };
}
