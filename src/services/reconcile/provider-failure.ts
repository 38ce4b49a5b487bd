/**
 * The errors that callers get when a provider call did not bring the needed outcome.
 */
import type { CallPause } from '../../domain/call-pause.ts';
import { DomainError } from '../../domain/errors.ts';
import type { AttemptProvider } from '../../domain/payment.ts';
import { CODE_DEAD_MARGIN_MS } from '../../domain/schedule.ts';
import type { ProviderFailure } from './translate-outcome.ts';

/** The names that people know, for messages. */
const NAMES: Readonly<Record<AttemptProvider, string>> = { PAYPAY: 'PayPay' };
const RETRY_SOON_MS = 1_000;
const RETRY_LATER_MS = 30_000;

/**
 * - nothing happened, try later: 503 `provider_unavailable`;
 * - refused, or unknown what happened: 502 `provider_error`, the truth will be found out.
 */
export function failureError(provider: AttemptProvider, failure: ProviderFailure): DomainError {
  const details = { provider, reason: failure.reason.code };
  const name = NAMES[provider];
  switch (failure.kind) {
    case 'unavailable':
      return new DomainError(
        'provider_unavailable',
        `${name} takes no requests at the moment; try again later`,
        {
          details,
          retryAfterMs: failure.retryAfterMs ?? RETRY_LATER_MS,
        },
      );
    case 'declined':
      return new DomainError('provider_error', `${name} refused: ${failure.reason.message}`, { details });
    case 'unknown':
      return new DomainError(
        'provider_error',
        `${name} gave no answer we can rely on; the outcome will be found out`,
        {
          details,
        },
      );
  }
}

/** The refusal during a pause, when the provider is not called. The reason is that of the last call, if it failed. */
export function pauseFailure({ reason, remainingMs }: CallPause): ProviderFailure | undefined {
  return reason && { kind: 'unavailable', reason, retryAfterMs: remainingMs };
}

/** Another request is calling the provider about this payment. */
export function busyError(provider: AttemptProvider): DomainError {
  return new DomainError(
    'provider_unavailable',
    'Another request for this PaymentIntent is under way; try again shortly',
    {
      details: { provider, reason: 'in_progress' },
      retryAfterMs: RETRY_SOON_MS,
    },
  );
}

/** The old code is not proved dead yet, but will be soon. */
export function stillClosingError(provider: AttemptProvider): DomainError {
  return new DomainError(
    'provider_unavailable',
    'The last QR code may still be paid, so the PaymentIntent has to wait for its end; try again shortly',
    { details: { provider, reason: 'code_still_open' }, retryAfterMs: CODE_DEAD_MARGIN_MS },
  );
}
