/**
 * retrieveQrSvg and retrieveQrPng: the live code, to be shown again. Only reads: confirm begins attempts, and
 * reconciliation finds out what became of them.
 */
import { intentNotFound } from '../../domain/errors.ts';
import { type LiveCode, toLiveCode } from '../../domain/live-code.ts';
import { findLiveAttempt, isShowable } from '../../domain/payment.ts';
import { noLiveCode } from '../../domain/unexpected-state.ts';
import { findPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';

/** @throws not_found when this merchant has no such intent, invalid_request (unexpected_state) when no code is live */
export async function retrieveQr(
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
