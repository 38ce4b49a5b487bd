/**
 * The time that signatures carry: this machine's, until the gateway refuses one as out of its window and says what time it
 * is. From then on the gateway's.
 */
import type { Clock } from '../lib/clock.ts';

export interface SigningClock {
  now(): Date;
  /** Learns the gateway's time. @returns whether the response refuses a signature for its time and says the right one */
  correctBy(response: Response | undefined): Promise<boolean>;
}

export function createSigningClock(clock: Clock): SigningClock {
  let behindMs = 0;
  return {
    now: () => new Date(clock.now().getTime() + behindMs),
    async correctBy(response) {
      const gatewayMs = response?.status === 401 ? await gatewayTimeOf(response) : undefined;
      if (gatewayMs === undefined) {
        return false;
      }
      behindMs = gatewayMs - clock.now().getTime();
      return true;
    },
  };
}

async function gatewayTimeOf(response: Response): Promise<number | undefined> {
  // A copy, because the caller gets the response if the next one is no better.
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const { reason, gateway_timestamp: seconds } =
    (body as { details?: { reason?: unknown; gateway_timestamp?: unknown } } | undefined)?.details ?? {};
  return reason === 'timestamp_out_of_window' && typeof seconds === 'number' ? seconds * 1000 : undefined;
}
