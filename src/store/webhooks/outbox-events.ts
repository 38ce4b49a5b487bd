/**
 * Events that are not of a payment, until the sequencer moves them to the feed.
 */
import { type Db, execute } from '../db/query.ts';

export interface OutboxEvent {
  readonly eventId: string;
  readonly merchantId: string;
  readonly type: string;
  readonly objectId: string;
  /** JSON exactly as delivered. */
  readonly body: string;
  /** False: it is only to be in the feed, and not delivered to endpoints. */
  readonly fanOut: boolean;
}

export async function insertOutboxEvent(db: Db, event: OutboxEvent): Promise<void> {
  await execute(
    db,
    `insert into outbox_events (event_id, merchant_id, type, object_id, body, fan_out)
     values (:eventId, :merchantId, :type, :objectId, :body, :fanOut)`,
    { ...event },
  );
}
