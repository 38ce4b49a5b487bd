/**
 * Limits how many requests an operator, and a network of strangers, may make a minute.
 */
import { networkOf } from '../../lib/net/address-ranges.ts';
import type { ConsoleDeps } from '../call.ts';
import { ConsoleRefusal } from '../refusals.ts';
import type { ConsoleMiddleware } from '../state.ts';

/** More than a person does; a page is one request, and its style sheet and script are cached. */
const PER_OPERATOR = 600;
const PER_NETWORK = 120;
const ALL_STRANGERS = 1_200;

export function rateLimit({ options, metrics }: ConsoleDeps): ConsoleMiddleware {
  const operators = options.counters('console_operators');
  const networks = options.counters('console_networks');
  const strangers = options.counters('console_strangers');
  return async function rateLimitMiddleware(ctx, next) {
    const { signedIn, clientAddress } = ctx.state;
    const counted = signedIn
      ? [{ counter: operators, key: signedIn.operator.id, limit: PER_OPERATOR }]
      : [
          { counter: networks, key: networkOf(clientAddress ?? 'unknown'), limit: PER_NETWORK },
          { counter: strangers, key: 'all', limit: ALL_STRANGERS },
        ];
    for (const { counter, key, limit } of counted) {
      const { count, resetInMs } = await counter.increment(key);
      if (count > limit) {
        metrics.rateLimited('console', 'refused');
        ctx.set('Retry-After', String(Math.ceil(resetInMs / 1000)));
        throw new ConsoleRefusal(429, 'tooMany');
      }
    }
    await next();
  };
}
