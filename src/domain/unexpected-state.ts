/**
 * The error for a command or request that the status of the PaymentIntent does not allow.
 */
import { DomainError } from './errors.ts';
import { isTerminal, type PaymentIntent, type PaymentIntentStatus } from './payment.ts';

const OPEN: readonly PaymentIntentStatus[] = ['requires_payment_method', 'requires_action', 'processing'];

/** The command that was refused, as the participle that completes "it cannot be …". */
export type CommandParticiple = 'confirmed' | 'captured' | 'cancelled' | 'refunded';

/** The statuses in which each command is accepted. */
const ALLOWED: Readonly<Record<CommandParticiple, readonly PaymentIntentStatus[]>> = {
  confirmed: OPEN,
  captured: OPEN,
  cancelled: [...OPEN, 'cancelled'],
  refunded: ['succeeded'],
};

/**
 * `invalid_request` with `details: {field:"status", constraint:"unexpected_state", status, allowed}`. An intent past
 * its `expiresAt` is reported as expired even if the expiry sweep has not reached it yet.
 */
export function unexpectedState(
  intent: PaymentIntent,
  participle: CommandParticiple,
  now: Date,
): DomainError {
  const status = statusAt(intent, now);
  const message = `This PaymentIntent is ${status}, so it cannot be ${participle}`;
  return refusal(status, message, ALLOWED[participle]);
}

/** The error for a request to see the code of an intent that has no live code. */
export function noLiveCode(intent: PaymentIntent, now: Date): DomainError {
  const status = statusAt(intent, now);
  const message = OPEN.includes(status)
    ? 'This PaymentIntent has no live code; confirm it to get one'
    : `This PaymentIntent is ${status}, so it has no live code`;
  return refusal(status, message, ['requires_action']);
}

function statusAt(intent: PaymentIntent, now: Date): PaymentIntentStatus {
  return !isTerminal(intent) && now >= intent.expiresAt ? 'expired' : intent.status;
}

function refusal(
  status: PaymentIntentStatus,
  message: string,
  allowed: readonly PaymentIntentStatus[],
): DomainError {
  const [field, constraint] = ['status', 'unexpected_state'];
  return new DomainError('invalid_request', message, {
    details: { field, constraint, status, allowed: [...allowed], errors: [{ field, constraint, message }] },
  });
}
