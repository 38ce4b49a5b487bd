/**
 * The code that a payer can pay at this moment, to be shown again. It only looks: beginning an attempt is confirm's, and
 * what became of one is found out by others.
 */
import { intentNotFound } from '../../domain/errors.ts';
import {
  type AttemptProvider,
  findLiveAttempt,
  isShowable,
  type PaymentAttempt,
} from '../../domain/payment.ts';
import { noLiveCode } from '../../domain/unexpected-state.ts';
import { findPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';

export interface LiveCode {
  readonly intentId: string;
  readonly provider: AttemptProvider;
  readonly qrContent: string;
  readonly deeplink: string | undefined;
  readonly expiresAt: Date;
}

/** @throws not_found when this merchant has no such intent, invalid_request (unexpected_state) when no code is live */
export async function findLiveCode(
  deps: ServiceDeps,
  input: { merchantId: string; intentId: string },
): Promise<LiveCode> {
  const payment = await findPayment(deps.db, input.merchantId, input.intentId);
  if (!payment) {
    throw intentNotFound();
  }
  const now = deps.clock.now();
  const attempt = findLiveAttempt(payment);
  if (!attempt || !isShowable(attempt, now) || now >= payment.intent.expiresAt) {
    throw noLiveCode(payment.intent, now);
  }
  return toLiveCode(attempt);
}

export function toLiveCode(attempt: PaymentAttempt): LiveCode {
  const { intentId, provider, qrContent, deeplink, codeExpiresAt } = attempt;
  if (qrContent === undefined || codeExpiresAt === undefined) {
    throw new Error(`attempt ${attempt.id} has no code`);
  }
  return { intentId, provider, qrContent, deeplink, expiresAt: codeExpiresAt };
}
