/**
 * The clock that signatures use: this machine's clock at first. If the gateway refuses a signature because its timestamp
 * is out of the window, the refusal contains the gateway's time, and the clock is corrected by it.
 */
import type { Clock } from '../lib/clock.ts';

export interface SigningClock {
  now(): Date;
  /** Corrects the clock if the response refuses a timestamp and contains the gateway's time. @returns whether it did */
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
  // A clone, because the caller may still need to read the body.
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const { reason, gateway_timestamp: seconds } =
    (body as { details?: { reason?: unknown; gateway_timestamp?: unknown } } | undefined)?.details ?? {};
  return reason === 'timestamp_out_of_window' && typeof seconds === 'number' ? seconds * 1000 : undefined;
}
