/**
 * Creates by many clients against the bare INSERT of the same rows, and creates with against creates without
 * Idempotency-Key.
 */
import pg from 'pg';
import type { Bench } from '../bench.ts';
import { MERCHANTS } from '../data/seeded.ts';
import { startLoadProcess } from '../load/load-process.ts';
import { measureInTurns, type Side, throughputSide } from '../measure/measure.ts';
import type { Gateway } from '../programs/gateway.ts';
import { findPgbench } from '../programs/pgbench.ts';
import type { Row } from '../row.ts';

/** On a small machine PostgreSQL is not faster with more. */
export const INSERT_CONNECTIONS = 16;

export const create: Row = {
  id: 'create',
  what: 'create, many clients',
  unit: '/s',
  target: { atLeast: 0.8 },
  async measure(bench) {
    const gateway = await bench.gateway();
    const { databaseUrl } = gateway;
    const postgres = bench.postgresPid;
    const pgbench = await findPgbench(bench.folder);
    const inserter = await startLoadProcess();
    const job = { target: 'insert', databaseUrl, merchantIds: MERCHANTS } as const;
    const sides: Side[] = [
      await createSide(bench, gateway, 'gateway', false),
      throughputSide('INSERT by pg', { postgres }, (seconds) =>
        inserter.run({ ...job, connections: INSERT_CONNECTIONS, seconds }),
      ),
    ];
    if (pgbench) {
      const insert = (seconds: number) => pgbench.insert(databaseUrl, INSERT_CONNECTIONS, seconds);
      sides.splice(1, 0, throughputSide('INSERT by pgbench', { postgres }, insert));
    }
    const results = await measureInTurns(sides, bench.rounds);
    await inserter.stop();
    return { sides: results, notes: await compareStored(databaseUrl) };
  },
};

export const createWithKey: Row = {
  id: 'idempotency',
  what: 'create with Idempotency-Key',
  unit: '/s',
  target: { atLeast: 0.8 },
  async measure(bench) {
    const gateway = await bench.gateway();
    const sides = [
      await createSide(bench, gateway, 'with key', true),
      await createSide(bench, gateway, 'without', false),
    ];
    return { sides: await measureInTurns(sides, bench.rounds) };
  },
};

export async function createSide(
  bench: Bench,
  { port, program, keys }: Gateway,
  name: string,
  withIdempotencyKey: boolean,
): Promise<Side> {
  const load = await bench.load();
  return throughputSide(name, { gateway: program.pid, postgres: bench.postgresPid }, (seconds) =>
    load.run({
      target: 'http',
      port,
      plan: { kind: 'create', keys, withIdempotencyKey },
      connections: bench.options.connections,
      seconds,
    }),
  );
}

/** The comparison is fair only if both sides store the same rows; returns a note if they do not. */
async function compareStored(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query(
      `select actor = 'bare insert by bench' as is_bare, count(*) filter (where type = 'created') as events
       from payment_events e join payment_intents i on i.id = e.intent_id group by 1`,
    );
    const { rows: withoutEvents } = await client.query(
      `select count(*) as count from payment_intents i
       where id not like 'pi_00BENC%' and not exists (select from payment_events e where e.intent_id = i.id)`,
    );
    const isSame = rows.length === 2 && Number(withoutEvents[0].count) === 0;
    return isSame
      ? []
      : ['the gateway and the bare INSERT do not store the same rows: the ratio is not fair'];
  } finally {
    await client.end();
  }
}
