/**
 * syncMerchants: merchants and stores from an upstream system, all or nothing, in a few statements whatever the size. A
 * merchant belongs to the upstream system that synced it first. Changes are recorded in the merchant's history and in the
 * audit log, and the merchant is informed of those that concern how it is paid.
 */
import { BRANDING_FIELDS, type BrandingUpdate } from '../../domain/branding.ts';
import { DomainError, invalidField } from '../../domain/errors.ts';
import type { AttemptProvider } from '../../domain/payment.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import { type StoreRow, upsertStores } from '../../store/merchants.ts';
import {
  type ChangeOrigin,
  insertMerchantEvents,
  type MerchantChange,
} from '../../store/sync/merchant-events.ts';
import { changeLogoUrls } from '../../store/sync/merchant-logos.ts';
import { type ProcessorConfigRow, upsertProcessorConfigs } from '../../store/sync/processor-configs.ts';
import {
  claimMerchants,
  listMerchantsOfOthers,
  type MerchantRow,
  updateMerchants,
} from '../../store/sync/synced-merchants.ts';
import type { ServiceDeps } from '../deps.ts';
import { credentialsPlace } from '../encryption/places.ts';
import { recordSync, type SyncChanges } from '../sync/record-sync.ts';
import { requireUsableBranding } from '../sync/require-usable-branding.ts';

export interface SyncMerchant {
  readonly id: string;
  readonly name: string;
  /** Origins that may frame the payment page; undefined leaves them unchanged. */
  readonly checkoutFrameAncestors?: readonly string[] | undefined;
  readonly branding?: BrandingUpdate | undefined;
  readonly stores: readonly SyncStore[];
}

export interface SyncStore {
  readonly id: string;
  readonly name: string;
  /** An IANA name; undefined leaves it unchanged. */
  readonly timeZone?: string | undefined;
  readonly configs: readonly {
    readonly provider: AttemptProvider;
    readonly isActive: boolean;
    readonly credentials: Readonly<Record<string, string>>;
  }[];
}

/** Used where an installation has a single upstream system and does not name it. */
export const DEFAULT_UPSTREAM = 'default';
/** How many merchants a refusal lists. */
const MAX_NAMED = 50;

/**
 * @param origin who syncs; by default the gateway itself, for demo data
 * @returns how many merchants and stores were in the payload
 * @throws invalid_request when an id occurs twice in the payload, or a branding cannot be used; forbidden when a merchant belongs to another upstream
 */
export async function syncMerchants(
  deps: ServiceDeps,
  merchants: readonly SyncMerchant[],
  origin: ChangeOrigin = { upstream: DEFAULT_UPSTREAM },
): Promise<{ merchants: number; stores: number }> {
  requireUnique(merchants);
  requireUsableBranding(deps, merchants);
  const merchantRows = merchants.map(toMerchantRow);
  const storeRows: StoreRow[] = merchants.flatMap(({ id: merchantId, stores }) =>
    stores.map(({ id, name, timeZone }) => ({ merchantId, id, name, timeZone })),
  );
  const configRows = toConfigRows(deps, merchants);
  const now = deps.clock.now();
  await inTransaction(deps.db, async (trx) => {
    if (merchantRows.length === 0) {
      return;
    }
    const written = await writeMerchants(trx, merchantRows, origin, now);
    const stores = storeRows.length > 0 ? await upsertStores(trx, storeRows, now) : new Map();
    const created = [...written.createdIds];
    const accounts =
      configRows.length > 0 ? await upsertProcessorConfigs(trx, configRows, created, origin, now) : new Map();
    await recordSync(deps, trx, { ...written, stores, accounts }, origin);
  });
  return { merchants: merchantRows.length, stores: storeRows.length };
}

function toMerchantRow({ id, name, checkoutFrameAncestors, branding }: SyncMerchant): MerchantRow {
  const accent = branding?.accent_color?.toLowerCase();
  return { id, name, checkoutFrameAncestors, branding: branding && { ...branding, accent_color: accent } };
}

/** Writes the merchants and records the changes; of a new merchant, its initial values. */
async function writeMerchants(
  trx: Db,
  rows: readonly MerchantRow[],
  origin: ChangeOrigin,
  now: Date,
): Promise<Pick<SyncChanges, 'createdIds' | 'merchants'>> {
  const { upstream } = origin;
  const created = await claimMerchants(trx, rows, upstream, now);
  // After the claim, because the claim waits for other upstream systems that are creating one of these merchants.
  requireOwn(
    await listMerchantsOfOthers(
      trx,
      rows.map(({ id }) => id),
      upstream,
    ),
  );
  const changes = rows.filter(({ id }) => created.has(id)).flatMap((row) => describeNew(row, upstream));
  const known = rows.filter(({ id }) => !created.has(id));
  if (known.length > 0) {
    changes.push(...(await updateMerchants(trx, known, now)));
  }
  if (changes.length > 0) {
    await insertMerchantEvents(trx, changes, origin);
  }
  const logos = changes.filter(({ field }) => field === 'logo_url');
  if (logos.length > 0) {
    const urls = logos.map(({ merchantId, after }) => ({ merchantId, url: after }));
    await changeLogoUrls(trx, urls, now);
  }
  return { createdIds: created, merchants: changes };
}

function describeNew(
  { id: merchantId, name, checkoutFrameAncestors, branding = {} }: MerchantRow,
  upstream: string,
): MerchantChange[] {
  const changes: MerchantChange[] = [
    { merchantId, field: 'upstream', before: null, after: upstream },
    { merchantId, field: 'name', before: null, after: name },
  ];
  if (checkoutFrameAncestors !== undefined) {
    const after = checkoutFrameAncestors.join(' ');
    changes.push({ merchantId, field: 'checkout_frame_ancestors', before: null, after });
  }
  for (const field of BRANDING_FIELDS) {
    const after = branding[field];
    if (after) {
      changes.push({ merchantId, field, before: null, after });
    }
  }
  return changes;
}

function requireOwn(ofOthers: readonly string[]): void {
  if (ofOthers.length === 0) {
    return;
  }
  const [first] = ofOthers;
  throw new DomainError(
    'forbidden',
    ofOthers.length === 1
      ? `Merchant ${first} belongs to another upstream system; nothing was stored`
      : `${ofOthers.length} merchants belong to another upstream system, among them ${first}; nothing was stored`,
    { details: { reason: 'other_upstream', merchant_ids: ofOthers.slice(0, MAX_NAMED) } },
  );
}

/** Credentials are sealed for each row. Fingerprints are cached, because the stores of a chain usually share credentials. */
function toConfigRows({ crypt }: ServiceDeps, merchants: readonly SyncMerchant[]): ProcessorConfigRow[] {
  const fingerprints = new Map<string, Buffer>();
  const fingerprintOf = (text: string) => {
    const known = fingerprints.get(text) ?? crypt.fingerprint(text);
    fingerprints.set(text, known);
    return known;
  };
  return merchants.flatMap(({ id: merchantId, stores }) =>
    stores.flatMap(({ id: storeId, configs }) =>
      configs.map(({ provider, isActive, credentials }) => {
        const text = JSON.stringify(credentials, Object.keys(credentials).sort());
        return {
          merchantId,
          storeId,
          provider,
          isActive,
          credentials: crypt.seal(text, credentialsPlace([merchantId, storeId, provider])),
          credentialsFingerprint: fingerprintOf(text),
        };
      }),
    ),
  );
}

function requireUnique(merchants: readonly SyncMerchant[]): void {
  refuseRepeated(
    merchants,
    ({ id }) => id,
    (index) => `merchants.${index}.id`,
    'Merchant id',
  );
  merchants.forEach((merchant, m) => {
    refuseRepeated(
      merchant.checkoutFrameAncestors ?? [],
      (origin) => origin,
      () => `merchants.${m}.checkout_frame_ancestors`,
      'Origin',
    );
    refuseRepeated(
      merchant.stores,
      ({ id }) => id,
      (index) => `merchants.${m}.stores.${index}.id`,
      'Store id',
    );
    merchant.stores.forEach((store, s) => {
      const field = (index: number) =>
        `merchants.${m}.stores.${s}.payment_processor_configs.${index}.provider`;
      refuseRepeated(store.configs, ({ provider }) => provider, field, 'Provider');
    });
  });
}

function refuseRepeated<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  fieldOf: (index: number) => string,
  label: string,
): void {
  const seen = new Set<string>();
  items.forEach((item, index) => {
    const key = keyOf(item);
    if (seen.has(key)) {
      throw invalidField(fieldOf(index), 'unique', `${label} ${key} must not be repeated`);
    }
    seen.add(key);
  });
}
