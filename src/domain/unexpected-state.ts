/**
 * The refusal of a wish that the intent's status does not allow.
 */
import { DomainError } from './errors.ts';
import { isTerminal, type PaymentIntent, type PaymentIntentStatus } from './payment.ts';

const OPEN: readonly PaymentIntentStatus[] = ['requires_payment_method', 'requires_action', 'processing'];

/** From which statuses a wish (as the participle used in the message) is possible. */
const ALLOWED: Readonly<Record<string, readonly PaymentIntentStatus[]>> = {
  confirmed: OPEN,
  captured: OPEN,
  cancelled: [...OPEN, 'cancelled'],
};

/**
 * `invalid_request` with `details: {field:"status", constraint:"unexpected_state", status, allowed}`. An intent whose
 * time is up counts as expired although the sweep has not been there yet.
 * @param participle the participle of what was asked, for example `confirmed`
 */
export function unexpectedState(intent: PaymentIntent, participle: string, now: Date): DomainError {
  const status = statusAt(intent, now);
  const message = `This PaymentIntent is ${status}, so it cannot be ${participle}`;
  return refusal(status, message, ALLOWED[participle] ?? []);
}

/** The refusal of a look at the code of an intent that has no live one. */
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
