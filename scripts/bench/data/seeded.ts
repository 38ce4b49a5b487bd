/**
 * The ids and tokens of the benchmark's seeded data: in TypeScript for the load and in SQL for the seed. Both must
 * produce the same values.
 */

export const MERCHANTS = Array.from({ length: 8 }, (_, n) => `bench_${n + 1}`);
export const STORES = Array.from({ length: 5 }, (_, n) => `store_00${n + 1}`);

const SECRET = '0123456789abcdefghijklmnopqrstuv';
const DIGITS = 20;

/** The id of the n-th seeded intent. It sorts below every new id, so lists show it last. */
export function intentId(n: number): string {
  return `pi_00BENC${String(n).padStart(DIGITS, '0')}`;
}

/** The payment_token of the n-th seeded intent. */
export function paymentToken(n: number): string {
  return `${intentId(n)}_secret_${SECRET}`;
}

/** Inserts `count` unpaid intents, starting with number `first`, with the ids and tokens of the functions above. */
export const INSERT_INTENTS = `
  insert into payment_intents (
    id, merchant_id, merchant_store_id, merchant_ref_id, amount, currency, payment_method_types, status,
    payment_token_hash, created_at, expires_at)
  select id, 'bench_' || 1 + n % ${MERCHANTS.length}, 'store_00' || 1 + n % ${STORES.length}, 'order_' || n, 1000, 'JPY',
         array['qr_mpm'], 'requires_payment_method', sha256(cast(id || '_secret_${SECRET}' as bytea)), now(),
         now() + interval '1 day'
  from generate_series(cast(:first as int), cast(:first as int) + cast(:count as int) - 1) n,
       lateral (select 'pi_00BENC' || lpad(n::text, ${DIGITS}, '0') as id) made`;
