/**
 * Appends acts to the audit log, in the transaction of what they changed. Call it last in the transaction: from then on no other
 * transaction can append until this one has ended.
 */
import type { Act, Json } from '../../domain/audit/act.ts';
import { canonicalJson, hashedText } from '../../domain/audit/chain.ts';
import type { Clock } from '../../lib/clock.ts';
import { sha256Hex } from '../../lib/hash.ts';
import { storableText } from '../../lib/text.ts';
import { appendAuditRows, lockAuditHead } from '../../store/audit/audit-head.ts';
import type { StoredAuditRow } from '../../store/audit/audit-log.ts';
import type { Db } from '../../store/db/query.ts';

/** The time is that of payments, which a sandbox can move, so that the log agrees with what it is about. */
interface ActClock {
  readonly clock: Pick<Clock, 'now'>;
}

export async function recordActs({ clock }: ActClock, trx: Db, acts: readonly Act[]): Promise<void> {
  if (acts.length === 0) {
    return;
  }
  let { position, hash: previousHash } = await lockAuditHead(trx);
  const createdAt = clock.now();
  const rows = acts.map((act): StoredAuditRow => {
    position += 1;
    const unhashed = { ...storable(act), position, createdAt, previousHash };
    previousHash = sha256Hex(hashedText(unhashed));
    return { ...unhashed, hash: previousHash };
  });
  await appendAuditRows(trx, rows);
}

export function recordAct(deps: ActClock, trx: Db, act: Act): Promise<void> {
  return recordActs(deps, trx, [act]);
}

function storable({ before, after, ...act }: Act) {
  return {
    ...act,
    objectId: storableText(act.objectId),
    reason: act.reason === undefined ? undefined : storableText(act.reason),
    before: toText(before),
    after: toText(after),
  };
}

function toText(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : storableText(canonicalJson(value));
}
