/**
 * The backlog of background work, for monitoring.
 */
import { type Db, query } from './db/query.ts';

export interface Backlog {
  readonly worker: string;
  /** Number of items due. */
  readonly due: number;
  /** When the oldest of them became due; undefined when none is due. */
  readonly oldest: Date | undefined;
}

/** The backlog of each worker, read from the partial indexes the workers use. */
export async function measureBacklog(db: Db, now: Date): Promise<Backlog[]> {
  const rows = await query<{ worker: string; due: number; oldest: Date | null }>(
    db,
    `select 'attempts' as worker, count(*)::int as due, min(next_check_at) as oldest
     from payment_attempts where next_check_at <= :now
     union all
     select 'webhooks', count(*)::int, min(next_try_at) from provider_webhooks where next_try_at <= :now
     union all
     select 'refunds', count(*)::int, min(next_try_at) from refunds where next_try_at <= :now
     union all
     select 'expiry', count(*)::int, min(expires_at) from payment_intents
     where expires_at <= :now and status in ('requires_payment_method', 'requires_action', 'processing')
     union all
     select 'idempotency-keys', count(*)::int, min(expires_at) from idempotency_keys where expires_at <= :now`,
    { now },
  );
  return rows.map(({ worker, due, oldest }) => ({ worker, due, oldest: oldest ?? undefined }));
}
