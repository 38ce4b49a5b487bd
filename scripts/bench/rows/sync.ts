/**
 * One sync request with ten thousand stores against a bare upsert of the same rows: three statements in a transaction,
 * with data that are already parsed, validated and encrypted. Each measurement syncs a new merchant, then the same
 * merchant with all names changed.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { HttpConnection } from '../load/http-connection.ts';
import type { Key } from '../load/job.ts';
import { ask } from '../load/payment-user.ts';
import { signed } from '../load/requests.ts';
import { measureInTurns, median, type Side } from '../measure/measure.ts';
import type { Row } from '../row.ts';

const STORES = 10_000;
/** About the sizes that the gateway stores for the sealed credentials and their fingerprint. */
const SEALED_BYTES = 66;
const FINGERPRINT_BYTES = 32;

export const sync: Row = {
  id: 'sync',
  what: 'sync of 10,000 stores',
  unit: 'stores/s',
  target: { atLeast: 0.5 },
  async measure(bench) {
    const gateway = await bench.gateway();
    const connection = await HttpConnection.open(gateway.port);
    const client = new pg.Client(gateway.databaseUrl);
    await client.connect();
    const sides = [
      syncSide('gateway', (merchantId, version) =>
        syncRequest(connection, gateway.syncKey, merchantId, version),
      ),
      syncSide('bare upsert', (merchantId, version) => bareUpsert(client, merchantId, version)),
    ];
    const results = await measureInTurns(sides, bench.rounds);
    connection.close();
    await client.end();
    return { sides: results };
  },
};

/** Prepares one sync and returns the function to measure. */
type Prepare = (merchantId: string, version: number) => () => Promise<unknown>;

function syncSide(name: string, prepare: Prepare): Side {
  return {
    name,
    async measure(seconds) {
      const endsAt = performance.now() + seconds * 1000;
      const times: number[] = [];
      do {
        const merchantId = `sync_${randomBytes(8).toString('hex')}`;
        const pair = [prepare(merchantId, 1), prepare(merchantId, 2)];
        for (const run of pair) {
          const since = performance.now();
          await run();
          times.push(performance.now() - since);
        }
      } while (performance.now() < endsAt);
      const ms = median(times);
      return { value: (STORES * 1000) / ms, cpuMicros: {}, more: { ms, syncs: times.length } };
    },
  };
}

function syncRequest(connection: HttpConnection, key: Key, merchantId: string, version: number) {
  const stores = names(version).map(([id, name]) => ({
    id,
    name,
    payment_processor_configs: [
      {
        provider: 'PAYPAY',
        is_active: true,
        credentials: { merchant_id: `paypay_${merchantId}_${version}` },
      },
    ],
  }));
  const body = JSON.stringify({ merchants: [{ id: merchantId, name: `Chain ${version}`, stores }] });
  const request = signed(key, 'POST', '/v1/sync/merchants', body);
  return () => ask(connection, request);
}

const UPSERT_MERCHANT = `insert into merchants (id, name, created_at, updated_at) values ($1, $2, now(), now())
  on conflict (id) do update set name = excluded.name, updated_at = excluded.updated_at`;
const UPSERT_STORES = `insert into stores (merchant_id, id, name, created_at, updated_at)
  select $1, id, name, now(), now() from unnest($2::text[], $3::text[]) as given (id, name)
  on conflict (merchant_id, id) do update set name = excluded.name, updated_at = excluded.updated_at`;
const UPSERT_CONFIGS = `insert into payment_processor_configs (
    merchant_id, store_id, provider, is_active, credentials, credentials_fingerprint, created_at, updated_at)
  select $1, id, 'PAYPAY', true, sealed, fingerprint, now(), now()
  from unnest($2::text[], $3::bytea[], $4::bytea[]) as given (id, sealed, fingerprint)
  on conflict (merchant_id, store_id, provider) do update
  set is_active = excluded.is_active, credentials = excluded.credentials,
      credentials_fingerprint = excluded.credentials_fingerprint, updated_at = excluded.updated_at`;

function bareUpsert(client: pg.Client, merchantId: string, version: number) {
  const stores = names(version);
  const ids = stores.map(([id]) => id);
  const sealed = ids.map(() => randomBytes(SEALED_BYTES));
  const fingerprints = ids.map(() => randomBytes(FINGERPRINT_BYTES));
  return async () => {
    await client.query('begin');
    await client.query(UPSERT_MERCHANT, [merchantId, `Chain ${version}`]);
    await client.query(UPSERT_STORES, [merchantId, ids, stores.map(([, name]) => name)]);
    await client.query(UPSERT_CONFIGS, [merchantId, ids, sealed, fingerprints]);
    await client.query('commit');
  };
}

function names(version: number): [string, string][] {
  return Array.from({ length: STORES }, (_, n) => [
    `store_${String(n).padStart(5, '0')}`,
    `Branch ${n} v${version}`,
  ]);
}
