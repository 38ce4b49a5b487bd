/**
 * Paid payments to refund, and requests about refunds.
 */
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { reconcileAttempt } from '../../src/services/reconcile/reconcile-attempt.ts';
import type { Scope } from '../../src/store/api-keys.ts';
import { findAnyPayment } from '../../src/store/payments.ts';
import { BY_TEST } from './acts.ts';
import type { Credentials, TestGateway, TestMerchant, TestResponse } from './gateway.ts';

/** An intent that was paid by QR; the gateway knows it. */
export async function newPaidIntent(
  gateway: TestGateway,
  merchant: TestMerchant,
  fields?: Record<string, unknown>,
): Promise<{ id: string; token: string }> {
  const intent = await gateway.newIntent(merchant, fields);
  const { body } = await gateway.confirm(intent);
  await gateway.sandbox.pay({ qrContent: body.qr_content });
  const payment = await findAnyPayment(gateway.deps.db, intent.id);
  const attemptId = payment?.attempts[0]?.id ?? '';
  await reconcileAttempt(gateway.deps, attemptId, { goal: 'read', actor: 'test', isScheduled: true });
  return intent;
}

/** An intent that was paid in cash. */
export async function newCashIntent(
  gateway: TestGateway,
  merchant: TestMerchant,
  fields: Record<string, unknown> = {},
): Promise<{ id: string; token: string }> {
  const intent = await gateway.newIntent(merchant, { payment_method_types: ['cash'], ...fields });
  await gateway.request('POST', `/v1/payment_intents/${intent.id}/capture`, { as: merchant });
  return intent;
}

/** Another key of the merchant, with these scopes. */
export async function newKeyWith(
  gateway: TestGateway,
  merchant: TestMerchant,
  scopes: readonly Scope[],
): Promise<Credentials> {
  const { key, secretKey } = await createApiKey(gateway.deps, BY_TEST, merchant.merchantId, { scopes });
  return { apiKey: key.apiKey, secretKey };
}

/** POST /v1/refunds */
export function requestRefund(
  gateway: TestGateway,
  as: Credentials,
  intent: { readonly id: string },
  fields: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<TestResponse> {
  const body = { payment_intent_id: intent.id, ...fields };
  return gateway.request('POST', '/v1/refunds', { as, body, headers });
}

export function getRefund(gateway: TestGateway, as: Credentials, id: string): Promise<TestResponse> {
  return gateway.request('GET', `/v1/refunds/${id}`, { as });
}

/** Carries out the pending refunds of an intent, and has PayPay complete them at once. */
export async function completeRefunds(gateway: TestGateway, intent: { readonly id: string }): Promise<void> {
  const { db } = gateway.database;
  const [{ id: merchantPaymentId }] = await db('payment_attempts').where({ intent_id: intent.id });
  await gateway.runPasses('refunds');
  await gateway.sandbox.backOffice.release({ merchantPaymentId });
  await db('refunds')
    .where({ intent_id: intent.id, status: 'pending' })
    .update({ next_try_at: new Date(0) });
  await gateway.runPasses('refunds');
}
