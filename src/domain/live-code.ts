/**
 * The code that a payer can pay at this moment.
 */
import { type AttemptProvider, type PaymentAttempt, shownUntil } from './payment.ts';

export interface LiveCode {
  readonly intentId: string;
  readonly provider: AttemptProvider;
  readonly qrContent: string;
  readonly deeplink: string | undefined;
  readonly expiresAt: Date;
}

/** The code of a live attempt. @throws when the attempt has none */
export function toLiveCode(attempt: PaymentAttempt): LiveCode {
  const { intentId, provider, qrContent, deeplink } = attempt;
  const expiresAt = shownUntil(attempt);
  if (qrContent === undefined || expiresAt === undefined) {
    throw new Error(`attempt ${attempt.id} has no code`);
  }
  return { intentId, provider, qrContent, deeplink, expiresAt };
}
