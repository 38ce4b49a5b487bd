/**
 * Passkeys of operators: the public halves.
 */
import type { Passkey } from '../../domain/operators/operator.ts';
import { type Db, execute, query } from '../db/query.ts';

interface PasskeyRow {
  readonly id: string;
  readonly operator_id: string;
  readonly public_key: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly label: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

const COLUMNS = 'id, operator_id, public_key, counter, transports, label, created_at, last_used_at';

export async function findPasskey(db: Db, id: string): Promise<Passkey | undefined> {
  const sql = `select ${COLUMNS} from operator_passkeys where id = :id`;
  const [row] = await query<PasskeyRow>(db, sql, { id });
  return row && toPasskey(row);
}

/** Of one operator, oldest first. Their number is limited when they are added. */
export async function listPasskeys(db: Db, operatorId: string): Promise<Passkey[]> {
  const rows = await query<PasskeyRow>(
    db,
    `select ${COLUMNS} from operator_passkeys where operator_id = :operatorId order by created_at, id`,
    { operatorId },
  );
  return rows.map(toPasskey);
}

/** @returns false when there is one with this id already */
export async function insertPasskey(trx: Db, passkey: Passkey): Promise<boolean> {
  const inserted = await execute(
    trx,
    `insert into operator_passkeys (${COLUMNS})
     values (:id, :operatorId, :publicKey, :counter, cast(:transports as text[]), :label, :createdAt, null)
     on conflict do nothing`,
    { ...passkey, lastUsedAt: null },
  );
  return inserted > 0;
}

/** @returns false when the counter has not grown, which means that a copy of the passkey is in use */
export async function usePasskey(trx: Db, id: string, counter: number, now: Date): Promise<boolean> {
  const used = await execute(
    trx,
    `update operator_passkeys set counter = :counter, last_used_at = :now
     where id = :id and (counter < :counter or (counter = 0 and :counter = 0))`,
    { id, counter, now },
  );
  return used > 0;
}

export async function deletePasskey(trx: Db, id: string): Promise<void> {
  await execute(trx, 'delete from operator_passkeys where id = :id', { id });
}

function toPasskey(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    operatorId: row.operator_id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: row.transports,
    label: row.label,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
