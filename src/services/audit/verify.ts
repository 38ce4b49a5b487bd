/**
 * Verifies the audit log: reads the chain in pages, outside any transaction, and compares each row with its hash and with the
 * row before it. Rows that are appended meanwhile are left for the next time.
 */
import { FIRST_HASH, hashedText } from '../../domain/audit/chain.ts';
import {
  type AuditFault,
  faultsOfEnd,
  faultsOfKept,
  faultsOfRow,
  type Link,
} from '../../domain/audit/faults.ts';
import { sha256Hex } from '../../lib/hash.ts';
import { findLink, listChain, readAuditEnd, type StoredAuditRow } from '../../store/audit/audit-log.ts';
import type { Db } from '../../store/db/query.ts';

/** A log that somebody has destroyed could have as many faults as rows. */
export const MAX_FAULTS = 100;
const PAGE = 1_000;
const BEGINNING: Link = { position: 0, hash: FIRST_HASH };

export interface VerifyOptions {
  /** Position and hash of a row, kept where nobody who can change the log can change them. */
  readonly kept?: Link | undefined;
  /** The row before has been verified already; by default the first row. */
  readonly from?: number | undefined;
  /** How many rows to verify at most; by default all. */
  readonly maxRows?: number | undefined;
  /** Called after each page, with the number of rows verified and their share of those to verify. */
  readonly onPage?: ((rows: number, share: number) => void) | undefined;
}

export interface Verification {
  /** The number of rows that were read. */
  readonly rows: number;
  readonly faults: readonly AuditFault[];
  /** Whether there are more faults than are listed. */
  readonly hasMoreFaults: boolean;
  /** The end of the log when the verification began: what to keep elsewhere. */
  readonly head: Link | undefined;
  /** Where to continue, if there are more rows than were to be verified. */
  readonly next: number | undefined;
}

export async function verifyAuditLog(
  db: Db,
  { kept, from = 1, maxRows = Number.POSITIVE_INFINITY, onPage }: VerifyOptions = {},
): Promise<Verification> {
  const { head, last } = await readAuditEnd(db);
  const found = createFaultList();
  let previous = from <= 1 ? BEGINNING : ((await findLink(db, from - 1)) ?? BEGINNING);
  let rows = 0;
  for (;;) {
    const limit = Math.min(PAGE, maxRows - rows);
    const page = await listChain(db, { after: previous.position, last, limit });
    for (const row of page) {
      found.add(faultsOfRow(previous, row, hashOf(row)));
      previous = row;
    }
    rows += page.length;
    onPage?.(rows, last === 0 ? 1 : previous.position / last);
    if (page.length < limit || previous.position >= last) {
      break;
    }
    if (rows >= maxRows) {
      return { rows, ...found.list(), head, next: previous.position + 1 };
    }
  }
  found.add(faultsOfEnd(previous, head));
  if (kept) {
    found.add(faultsOfKept(kept, kept.position === 0 ? BEGINNING : await findLink(db, kept.position)));
  }
  return { rows, ...found.list(), head, next: undefined };
}

function hashOf({ hash: _, ...row }: StoredAuditRow): string {
  return sha256Hex(hashedText(row));
}

function createFaultList() {
  const faults: AuditFault[] = [];
  let count = 0;
  return {
    add(more: readonly AuditFault[]) {
      count += more.length;
      faults.push(...more.slice(0, MAX_FAULTS - faults.length));
    },
    list: () => ({ faults, hasMoreFaults: count > faults.length }),
  };
}
