/**
 * syncMerchants: merchants and stores from the upstream system, all or nothing, in three statements whatever the size.
 */
import { invalidField } from '../../domain/errors.ts';
import type { AttemptProvider } from '../../domain/payment.ts';
import { inTransaction } from '../../store/db/query.ts';
import {
  type MerchantRow,
  type ProcessorConfigRow,
  type StoreRow,
  upsertMerchants,
  upsertProcessorConfigs,
  upsertStores,
} from '../../store/merchants.ts';
import type { ServiceDeps } from '../deps.ts';
import { credentialsPlace } from '../encryption/places.ts';

export interface SyncMerchant {
  readonly id: string;
  readonly name: string;
  /** Origins that may frame the payment page; undefined leaves them unchanged. */
  readonly checkoutFrameAncestors?: readonly string[] | undefined;
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

/**
 * @returns how many merchants and stores were in the payload
 * @throws invalid_request when an id occurs twice in the payload
 */
export async function syncMerchants(
  deps: ServiceDeps,
  merchants: readonly SyncMerchant[],
): Promise<{ merchants: number; stores: number }> {
  requireUnique(merchants);
  const merchantRows: MerchantRow[] = merchants.map(({ id, name, checkoutFrameAncestors }) => ({
    id,
    name,
    checkoutFrameAncestors,
  }));
  const storeRows: StoreRow[] = merchants.flatMap(({ id: merchantId, stores }) =>
    stores.map(({ id, name, timeZone }) => ({ merchantId, id, name, timeZone })),
  );
  const configRows = toConfigRows(deps, merchants);
  const now = deps.clock.now();
  await inTransaction(deps.db, async (trx) => {
    if (merchantRows.length > 0) {
      await upsertMerchants(trx, merchantRows, now);
    }
    if (storeRows.length > 0) {
      await upsertStores(trx, storeRows, now);
    }
    if (configRows.length > 0) {
      await upsertProcessorConfigs(trx, configRows, now);
    }
  });
  return { merchants: merchantRows.length, stores: storeRows.length };
}

/** Credentials are sealed for their row alone. Fingerprints are made once for equal ones, which a chain's stores usually share. */
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
