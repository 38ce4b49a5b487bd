/**
 * The limits that an operator gives an API key: checked before they are stored, and changed without touching the others.
 */
import { type DomainError, invalidField } from '../../domain/errors.ts';
import { findRangeFault, normalizeRange } from '../../lib/net/address-ranges.ts';
import type { ApiKey, KeyLimits, Scope } from '../../store/api-keys.ts';
import type { Db } from '../../store/db/query.ts';
import { listUnknownStores } from '../../store/webhooks/endpoints.ts';

/** What an operator says about a key. A property that is present but undefined removes the limit, or the label. */
export type KeySettings = Partial<KeyLimits & Pick<ApiKey, 'label'>>;

/** A list with several stores reads a page of each; an address is compared with each range. The table has the same limits. */
const MAX_STORES = 100;
const MAX_RANGES = 50;
/** Control characters would change what a terminal shows. */
const LABEL = /^\P{C}{1,100}$/u;
const MAX_AMOUNT = 99_999_999_999;

/**
 * The settings in the form in which they are stored.
 * @param merchantId whose stores they name; undefined for a sync key
 * @throws invalid_request
 */
export async function checkedSettings(
  db: Db,
  merchantId: string | undefined,
  settings: KeySettings,
  now: Date,
): Promise<KeySettings> {
  const fault = findFault(merchantId, settings, now);
  if (fault) {
    throw fault;
  }
  const { storeIds, allowedIps } = settings;
  if (storeIds !== undefined && merchantId !== undefined) {
    const [unknown] = await listUnknownStores(db, merchantId, storeIds);
    if (unknown !== undefined) {
      throw invalidField('store_ids', 'unknown_store', `Merchant ${merchantId} has no store ${unknown}`);
    }
  }
  return {
    ...settings,
    ...(storeIds && { storeIds: [...new Set(storeIds)] }),
    ...(allowedIps && { allowedIps: [...new Set(allowedIps.map(normalizeRange))] }),
  };
}

function findFault(
  merchantId: string | undefined,
  { label, storeIds, allowedIps, maxRefundAmount, plannedExpiresAt }: KeySettings,
  now: Date,
): DomainError | undefined {
  if (merchantId === undefined && (storeIds !== undefined || maxRefundAmount !== undefined)) {
    return invalidField('store_ids', 'unsupported', 'A sync key has no stores, and makes no refunds');
  }
  if (label !== undefined && !LABEL.test(label)) {
    return invalidField(
      'label',
      'pattern',
      'The label must have 1 to 100 characters, none of them a control character',
    );
  }
  if (storeIds !== undefined && (storeIds.length < 1 || storeIds.length > MAX_STORES)) {
    return invalidField('store_ids', 'max_items', `A key is limited to 1 to ${MAX_STORES} stores`);
  }
  if (maxRefundAmount !== undefined && !(maxRefundAmount >= 1 && maxRefundAmount <= MAX_AMOUNT)) {
    return invalidField(
      'max_refund_amount',
      'max_value',
      `The maximum of a refund must be 1 to ${MAX_AMOUNT}`,
    );
  }
  if (plannedExpiresAt !== undefined && plannedExpiresAt <= now) {
    return invalidField(
      'expires_at',
      'min_value',
      'The key would have expired already; choose a time to come',
    );
  }
  return findRangesFault(allowedIps);
}

function findRangesFault(allowedIps: readonly string[] | undefined): DomainError | undefined {
  if (allowedIps === undefined) {
    return undefined;
  }
  if (allowedIps.length < 1 || allowedIps.length > MAX_RANGES) {
    return invalidField('allowed_ips', 'max_items', `A key has 1 to ${MAX_RANGES} addresses and ranges`);
  }
  const fault = allowedIps.map(findRangeFault).find((found) => found !== undefined);
  return fault === undefined ? undefined : invalidField('allowed_ips', 'format', `The key ${fault}`);
}

/** The key with changed settings. A key that was replaced still ends with its overlap, unless it now ends earlier. */
export function changedKey(
  key: ApiKey,
  settings: KeySettings & { readonly scopes?: readonly Scope[] },
): ApiKey {
  const changed = { ...key, ...settings };
  const isReplaced = key.expiresAt?.getTime() !== key.plannedExpiresAt?.getTime();
  const ends = [changed.plannedExpiresAt, isReplaced ? key.expiresAt : undefined]
    .filter((end) => end !== undefined)
    .map((end) => end.getTime());
  return { ...changed, expiresAt: ends.length === 0 ? undefined : new Date(Math.min(...ends)) };
}
