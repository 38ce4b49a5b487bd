/**
 * What a sync leaves behind, in its transaction: for each merchant that it created or changed a row of the audit log, and for a
 * change of how the merchant is paid an event, so that the merchant learns of accounts and frame origins it did not change.
 */
import type { Act, Actor, JsonObject } from '../../domain/audit/act.ts';
import { newId, timeOfId } from '../../lib/ids.ts';
import type { Db } from '../../store/db/query.ts';
import type { ChangeOrigin, MerchantChange } from '../../store/sync/merchant-events.ts';
import type { AccountChanges } from '../../store/sync/processor-configs.ts';
import { insertOutboxEvents, type OutboxEvent } from '../../store/webhooks/outbox-events.ts';
import { FINGERPRINT_DIGITS } from '../audit/describe.ts';
import { recordActs } from '../audit/record-acts.ts';
import type { ServiceDeps } from '../deps.ts';
import { renderEvent } from '../events/render-event.ts';

/** What a sync wrote. */
export interface SyncChanges {
  readonly createdIds: ReadonlySet<string>;
  /** Of the merchants themselves. */
  readonly merchants: readonly MerchantChange[];
  /** The number of stores that were added or changed, by merchant. */
  readonly stores: ReadonlyMap<string, number>;
  /** Of the accounts, by merchant. */
  readonly accounts: ReadonlyMap<string, AccountChanges>;
}

/** Of one merchant. */
export interface ChangesOfMerchant {
  readonly merchantId: string;
  readonly isCreated: boolean;
  readonly fields: readonly MerchantChange[];
  readonly stores: number;
  readonly accounts: AccountChanges;
}

const NO_ACCOUNTS: AccountChanges = { described: [], total: 0 };
/** The changes that make an event. */
const ANNOUNCED: ReadonlySet<MerchantChange['field']> = new Set([
  'checkout_frame_ancestors',
  'credentials',
  'is_active',
  'upstream',
]);

export async function recordSync(
  deps: Pick<ServiceDeps, 'clock'>,
  trx: Db,
  changes: SyncChanges,
  origin: ChangeOrigin,
): Promise<void> {
  const merchants = groupByMerchant(changes);
  const events = merchants.flatMap((merchant) => merchantEventOf(deps, merchant, origin.upstream) ?? []);
  if (events.length > 0) {
    await insertOutboxEvents(trx, events);
  }
  await recordActs(
    deps,
    trx,
    merchants.map((merchant) => toAct(merchant, origin)),
  );
}

function groupByMerchant({ createdIds, merchants, stores, accounts }: SyncChanges): ChangesOfMerchant[] {
  const fields = new Map<string, MerchantChange[]>();
  for (const change of merchants) {
    fields.set(change.merchantId, [...(fields.get(change.merchantId) ?? []), change]);
  }
  const ids = new Set([...createdIds, ...fields.keys(), ...stores.keys(), ...accounts.keys()]);
  return [...ids].sort().map((merchantId) => ({
    merchantId,
    isCreated: createdIds.has(merchantId),
    fields: fields.get(merchantId) ?? [],
    stores: stores.get(merchantId) ?? 0,
    accounts: accounts.get(merchantId) ?? NO_ACCOUNTS,
  }));
}

/** The event `merchant.updated`, if the merchant is to learn of the change. The first sync of a merchant is none. */
export function merchantEventOf(
  { clock }: Pick<ServiceDeps, 'clock'>,
  { merchantId, isCreated, fields, accounts }: Omit<ChangesOfMerchant, 'stores'>,
  upstream: string,
): OutboxEvent | undefined {
  const changes = [...fields, ...accounts.described].filter(({ field }) => ANNOUNCED.has(field));
  if (isCreated || changes.length === 0) {
    return undefined;
  }
  const storeIds = [...new Set(accounts.described.map(({ storeId }) => storeId))];
  const merchant = {
    id: merchantId,
    changed: [...new Set(changes.map(({ field }) => field))].sort(),
    ...(storeIds.length > 0 && { merchant_store_ids: storeIds }),
    upstream,
  };
  const eventId = newId('evt', clock.now());
  const type = 'merchant.updated';
  const body = renderEvent({ id: eventId, type, timestamp: timeOfId(eventId), data: { merchant } });
  return { eventId, merchantId, type, objectId: merchantId, body, fanOut: true };
}

function toAct(merchant: ChangesOfMerchant, origin: ChangeOrigin): Act {
  const { merchantId, isCreated } = merchant;
  const { apiKey, clientAddress, requestId } = origin;
  const actor: Actor =
    apiKey === undefined ? { kind: 'gateway', id: 'demo' } : { kind: 'api_key', id: apiKey };
  return {
    actor,
    clientAddress,
    requestId,
    type: isCreated ? 'merchant.created' : 'merchant.changed',
    objectType: 'merchant',
    objectId: merchantId,
    merchantId,
    before: isCreated ? undefined : describe(merchant, 'before'),
    after: describe(merchant, 'after'),
  };
}

function describe(
  { isCreated, fields, stores, accounts }: ChangesOfMerchant,
  side: 'before' | 'after',
): JsonObject {
  const more = accounts.total - accounts.described.length;
  return {
    ...Object.fromEntries(fields.map((change) => [change.field, change[side]])),
    ...(isCreated
      ? { stores }
      : {
          ...(accounts.total > 0 && { accounts: describeAccounts(accounts.described, side) }),
          ...(side === 'after' && stores > 0 && { stores_written: stores }),
          ...(side === 'after' && more > 0 && { more_account_changes: more }),
        }),
  };
}

/** By store and provider. */
function describeAccounts(changes: readonly MerchantChange[], side: 'before' | 'after'): JsonObject {
  const accounts: Record<string, Record<string, string | null>> = {};
  for (const change of changes) {
    const account = `${change.storeId} ${change.provider}`;
    const value = change[side];
    accounts[account] = {
      ...accounts[account],
      ...(change.field === 'credentials'
        ? { credentials_fingerprint: value?.slice(0, FINGERPRINT_DIGITS) ?? null }
        : { [change.field]: value }),
    };
  }
  return accounts;
}
