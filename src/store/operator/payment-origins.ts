/**
 * What the sandbox's pages show of a payment, which its PayPay does not know: the payment intent, its order and its shop.
 */
import { type Db, query } from '../db/query.ts';

export interface PaymentOriginRow {
  readonly attempt_id: string;
  readonly intent_id: string;
  readonly order_id: string;
  readonly merchant_name: string;
  readonly store_name: string | null;
}

/** Those of the attempts that exist, in any order. */
export function listPaymentOrigins(db: Db, attemptIds: readonly string[]): Promise<PaymentOriginRow[]> {
  return query<PaymentOriginRow>(
    db,
    `select attempts.id as attempt_id, intents.id as intent_id, merchant_ref_id as order_id,
       merchants.name as merchant_name, stores.name as store_name
     from payment_attempts attempts
     join payment_intents intents on intents.id = attempts.intent_id
     join merchants on merchants.id = intents.merchant_id
     left join stores on stores.merchant_id = intents.merchant_id and stores.id = intents.merchant_store_id
     where attempts.id = any(:attemptIds)`,
    { attemptIds },
  );
}
