/**
 * Deliberate mistakes in how refunds are made, to show that a simulation finds them. The gateway's code stays as it is; what
 * it sends to the database and to PayPay is changed on the way.
 */
import type { Provider } from '../../src/providers/provider.ts';
import type { Db } from '../../src/store/db/query.ts';
import { watchedDb } from '../support/watched-db.ts';

export const SABOTAGES = ['reservation_kept', 'new_id_each_try', 'sum_not_locked'] as const;
export type Sabotage = (typeof SABOTAGES)[number];

interface Sabotaged {
  readonly db: Db;
  readonly provider: Provider;
}

/** @param db a migrated database, which may be changed */
export async function applySabotage(
  sabotage: Sabotage | undefined,
  db: Db,
  provider: Provider,
): Promise<Sabotaged> {
  switch (sabotage) {
    case 'reservation_kept':
      await keepReservations(db);
      return { db, provider };
    case 'new_id_each_try':
      return { db, provider: withNewIds(provider) };
    case 'sum_not_locked':
      return { db: rewritten(db, withoutLock), provider };
    default:
      return { db, provider };
  }
}

/** A refund that fails does not give back what it had reserved. */
async function keepReservations(db: Db): Promise<void> {
  await db.raw(`
    create function keep_reservation() returns trigger language plpgsql as $$
    begin
      new.amount_refunded := greatest(new.amount_refunded, old.amount_refunded);
      return new;
    end $$`);
  await db.raw(
    'create trigger keep_reservation before update on payment_intents for each row execute function keep_reservation()',
  );
}

/** A repeated request has an id of its own, so PayPay cannot see that it is a repetition, and is not found under the first. */
function withNewIds(provider: Provider): Provider {
  const { refunds } = provider;
  if (!refunds) {
    throw new Error('the provider has no refunds');
  }
  const requests = new Map<string, number>();
  const newIdOf = (refundId: string) => {
    const earlier = requests.get(refundId) ?? 0;
    return earlier === 0 ? refundId : `${refundId}_${earlier + 1}`;
  };
  return {
    ...provider,
    refunds: {
      createRefund(request) {
        const refundId = newIdOf(request.refundId);
        requests.set(request.refundId, (requests.get(request.refundId) ?? 0) + 1);
        return refunds.createRefund({ ...request, refundId });
      },
      readRefund: (request) => refunds.readRefund({ ...request, refundId: newIdOf(request.refundId) }),
    },
  };
}

/** Whoever changes an intent does not wait for another who does. */
function withoutLock(sql: string): string {
  return /from payment_intents\s/.test(sql) ? sql.replace(/ for update$/, '') : sql;
}

function rewritten(db: Db, rewrite: (sql: string) => string): Db {
  const changed = watchedDb((sql, bindings, options) => db.raw(rewrite(sql), bindings).options(options));
  return Object.assign(changed, {
    isTransaction: db.isTransaction === true,
    transaction: <T>(work: (trx: Db) => Promise<T>) => db.transaction((trx) => work(rewritten(trx, rewrite))),
  });
}
