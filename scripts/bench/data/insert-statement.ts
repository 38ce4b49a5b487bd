/**
 * The rows that a create stores, as a hand-written statement: the intent and the first event of its history, which is
 * part of what a create acknowledges. The yardstick of creates stores exactly these rows; after every comparison,
 * counts verify that the gateway has stored the same.
 */

const COLUMNS = `id, merchant_id, merchant_store_id, merchant_terminal_id, merchant_ref_id, description, amount, currency,
  payment_method_types, status, payment_token_hash, created_at, expires_at`;

function insertIntent(values: string, actor: string): string {
  return `with created as (
    insert into payment_intents (${COLUMNS}) values (${values}) returning id, created_at)
  insert into payment_events (intent_id, type, actor, created_at)
  select id, 'created', ${actor}, created_at from created`;
}

/** For the driver, with its numbered parameters. */
export const INSERT_INTENT = insertIntent(
  '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13',
  'cast($14 as text)',
);

/**
 * As a script for pgbench. Its variables are numbers, so the ids are counters that increase over all clients, as
 * ULIDs do. The caller sets `round`, which keeps the ids of different rounds distinct.
 */
export function pgbenchScript(merchants: number, stores: number): string {
  const id = `'pi_00PG' || lpad(cast(:id as text), 22, '0')`;
  const values = [
    id,
    `'bench_' || cast(:merchant as text)`,
    `'store_00' || cast(:store as text)`,
    `'terminal_001'`,
    `'order_' || cast(:id as text)`,
    `'Order #' || cast(:id as text)`,
    'cast(:amount as bigint)',
    `'JPY'`,
    `array['qr_mpm']`,
    `'requires_payment_method'`,
    `sha256(cast(cast(:id as text) as bytea))`,
    'now()',
    `now() + interval '1 day'`,
  ].join(', ');
  return [
    '\\set n :n + 1',
    '\\set id :round * 1000000000 + :n * 100 + :client_id',
    `\\set merchant 1 + :id % ${merchants}`,
    `\\set store 1 + :id % ${stores}`,
    '\\set amount 1000 + :n % 9000',
    // On one line, only to be easier to read in the server's log.
    `${insertIntent(values, `'bare insert by bench'`).replace(/\s+/g, ' ')};`,
    '',
  ].join('\n');
}
