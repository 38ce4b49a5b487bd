/**
 * What can be wrong with the audit log, found by comparing each row with its hash and with the row before it.
 */
import type { AuditRow } from './act.ts';

/** A row of the log as far as the chain is concerned. */
export type Link = Pick<AuditRow, 'position' | 'hash'>;

export type AuditFault =
  /** The content of the row does not match its hash. */
  | { readonly kind: 'changed'; readonly position: number }
  /** The row contains another hash than that of the row before it: one of the two was replaced, its own hash included. */
  | { readonly kind: 'not_linked'; readonly position: number }
  /** Inclusive; rows that others follow. */
  | { readonly kind: 'missing'; readonly from: number; readonly to: number }
  /** The head says that there were more rows. */
  | { readonly kind: 'removed_at_end'; readonly from: number; readonly to: number }
  /** The head says that there are fewer rows. */
  | { readonly kind: 'head_set_back'; readonly position: number; readonly last: number }
  /** The head has another hash than the last row. */
  | { readonly kind: 'head_changed'; readonly position: number }
  | { readonly kind: 'head_missing' }
  /** The row has another hash than the one that was kept elsewhere: rows up to it were rewritten since. */
  | { readonly kind: 'not_as_kept'; readonly position: number }
  /** The row whose hash was kept elsewhere does not exist any more. */
  | { readonly kind: 'kept_missing'; readonly position: number };

/**
 * The faults of one row.
 * @param previous the row before it among those that exist
 * @param computedHash of its content
 */
export function faultsOfRow(
  previous: Link,
  row: Pick<AuditRow, 'position' | 'hash' | 'previousHash'>,
  computedHash: string,
): AuditFault[] {
  const { position } = row;
  const faults: AuditFault[] = [];
  if (position > previous.position + 1) {
    faults.push({ kind: 'missing', from: previous.position + 1, to: position - 1 });
  } else if (row.previousHash !== previous.hash) {
    faults.push({ kind: 'not_linked', position });
  }
  if (row.hash !== computedHash) {
    faults.push({ kind: 'changed', position });
  }
  return faults;
}

/** The faults of the end. @param last the last row that exists */
export function faultsOfEnd(last: Link, head: Link | undefined): AuditFault[] {
  if (!head) {
    return [{ kind: 'head_missing' }];
  }
  if (head.position > last.position) {
    return [{ kind: 'removed_at_end', from: last.position + 1, to: head.position }];
  }
  if (head.position < last.position) {
    return [{ kind: 'head_set_back', position: head.position, last: last.position }];
  }
  return head.hash === last.hash ? [] : [{ kind: 'head_changed', position: head.position }];
}

/** Compares a row with the hash that was kept of it. @param found the row at that position */
export function faultsOfKept(kept: Link, found: Link | undefined): AuditFault[] {
  if (!found) {
    return [{ kind: 'kept_missing', position: kept.position }];
  }
  return found.hash === kept.hash ? [] : [{ kind: 'not_as_kept', position: kept.position }];
}
