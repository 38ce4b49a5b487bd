import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBinaries } from '../../src/embedded-postgres/binaries.ts';
import { openEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.ts';
import { connect } from '../../src/store/db/knex.ts';
import { migrate } from '../../src/store/db/migrate.ts';
import type { TestDatabase } from '../support/database.ts';
import {
  startTestGateway,
  type TestGateway,
  type TestMerchant,
  type TestResponse,
} from '../support/gateway.ts';

const PATH = '/v1/payment_intents';
const INPUT = { amount: 1, currency: 'JPY', payment_method_types: ['cash'], merchant_ref_id: 'r' };

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const create = (key: string) =>
  gateway.request('POST', PATH, { as: merchant, body: INPUT, headers: { 'Idempotency-Key': key } });

/** Terminates every connection of the gateway to its database. */
async function cutConnections(): Promise<void> {
  const admin = gateway.database.connect(1);
  await admin.raw(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
  await admin.destroy();
}

describe('a database that closes its connections', () => {
  it('loses and duplicates no acknowledged intent, through 503s, retries and reconnects', async () => {
    const answers = new Map<string, TestResponse>();
    let isCutting = true;
    const cutting = (async () => {
      for (let cuts = 0; cuts < 15; cuts += 1) {
        await cutConnections();
      }
      isCutting = false;
    })();
    const client = async (name: number) => {
      for (let index = 0; isCutting || index < 10; index += 1) {
        const key = `fault-${name}-${index}`;
        for (let tries = 0; tries < 50; tries += 1) {
          const answer = await create(key);
          if (answer.status === 201) {
            answers.set(key, answer);
            break;
          }
          expect([409, 503], JSON.stringify(answer.body)).toContain(answer.status);
          expect(answer.headers.get('Retry-After')).not.toBeNull();
        }
      }
    };
    await Promise.all([cutting, ...Array.from({ length: 8 }, (_, name) => client(name))]);
    const ids = new Set([...answers.values()].map(({ body }) => body.id));
    const stored = await gateway.database
      .db('payment_intents')
      .where({ merchant_id: merchant.merchantId })
      .select('id');
    expect(answers.size).toBeGreaterThan(50);
    expect(ids.size).toBe(answers.size);
    expect(new Set(stored.map(({ id }) => id))).toEqual(ids);
  });

  it('is reported as 503 with Retry-After while no connection is free, and serves again afterwards', async () => {
    const holders = await Promise.all(
      Array.from({ length: 10 }, () => gateway.database.db.client.acquireConnection()),
    );
    const refused = await create('exhausted');
    expect([refused.status, refused.body.code]).toEqual([503, 'service_unavailable']);
    await Promise.all(holders.map((holder) => gateway.database.db.client.releaseConnection(holder)));
    expect((await create('exhausted')).status).toBe(201);
  });
});

describe('a PostgreSQL that is restarted under load', () => {
  it('causes 503s but no restart of the gateway, and loses nothing that was acknowledged', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-restart-'));
    const server = await openEmbeddedPostgres({ dataDir });
    const db = connect(server.url, { poolMax: 10 });
    await migrate(db);
    const database: TestDatabase = {
      url: server.url,
      db,
      connect: (max = 2) => connect(server.url, { poolMax: max }),
      drop: async () => undefined,
    };
    const restarted = await startTestGateway({ database });
    const shop = await restarted.newMerchant();
    const acknowledged: string[] = [];
    const statuses = new Set<number>();
    let isOver = false;
    const client = async () => {
      while (!isOver) {
        const { status, body } = await restarted.request('POST', PATH, { as: shop, body: INPUT });
        statuses.add(status);
        if (status === 201) {
          acknowledged.push(body.id);
        }
      }
    };
    const clients = Array.from({ length: 4 }, client);
    const binaries = await findBinaries();
    for (const mode of ['immediate', 'fast']) {
      const soFar = acknowledged.length;
      await expect.poll(() => acknowledged.length).toBeGreaterThan(soFar + 20);
      const args = ['-m', mode, '-w', 'restart', '-l', 'server.log'];
      await binaries.run('pg_ctl', join(dataDir, 'postgres'), args);
    }
    const soFar = acknowledged.length;
    await expect.poll(() => acknowledged.length).toBeGreaterThan(soFar + 20);
    isOver = true;
    await Promise.all(clients);
    expect([...statuses].filter((status) => status !== 201 && status !== 503)).toEqual([]);
    const stored = await db('payment_intents').whereIn('id', acknowledged).count();
    expect(Number(stored[0]?.['count'])).toBe(acknowledged.length);
    await restarted.close();
    await db.destroy();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
});
