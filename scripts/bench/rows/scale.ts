/**
 * The cost of table size: lists on a big table against a table of ten thousand, creates on a big table against an empty
 * one. Two gateways, each with its own database.
 */
import pg from 'pg';
import type { Bench } from '../bench.ts';
import { ensureScale } from '../data/scale.ts';
import { measureInTurns, type Side, throughputSide } from '../measure/measure.ts';
import type { Gateway } from '../programs/gateway.ts';
import type { Row } from '../row.ts';
import { createSide } from './create.ts';

const SMALL = 10_000;
/** Chosen so that a page is full in both databases. */
const FILTERS = [
  '?merchant_store_id=store_002',
  '?status=succeeded',
  '?status=expired',
  '?merchant_store_id=store_003&status=succeeded',
];

export const list = listRow('list', 'list, first page', ['']);
export const listFiltered = listRow('list-filtered', 'list by store and by status', FILTERS);

export const createAtScale: Row = {
  id: 'create-scale',
  what: 'create at a big table',
  unit: '/s',
  target: { atLeast: 0.9 },
  async measure(bench) {
    const big = await gatewayAt(bench, bench.options.scale);
    const empty = await gatewayAt(bench, 0);
    const atBig = await createSide(bench, big, `${count(bench.options.scale)} intents`, false);
    const atEmpty = await createSide(bench, empty, 'empty table', false);
    // PostgreSQL keeps plans made for an empty table until an analyze, which autovacuum would run within a minute.
    await atEmpty.measure(bench.rounds.warmupSeconds);
    await analyze(empty.databaseUrl);
    return { sides: await measureAndStop(bench, [atBig, atEmpty], [big, empty]) };
  },
};

function listRow(id: string, what: string, queries: readonly string[]): Row {
  return {
    id,
    what,
    unit: '/s',
    target: { atLeast: 0.9 },
    async measure(bench) {
      const big = await gatewayAt(bench, bench.options.scale);
      const small = await gatewayAt(bench, SMALL);
      const sides = [
        await listSide(bench, big, `${count(bench.options.scale)} intents`, queries),
        await listSide(bench, small, `${count(SMALL)} intents`, queries),
      ];
      return { sides: await measureAndStop(bench, sides, [big, small]) };
    },
  };
}

async function listSide(
  bench: Bench,
  { port, program, keys }: Gateway,
  name: string,
  queries: readonly string[],
): Promise<Side> {
  const load = await bench.load();
  return throughputSide(name, { gateway: program.pid, postgres: bench.postgresPid }, (seconds) =>
    load.run({
      target: 'http',
      port,
      plan: { kind: 'list', keys, queries },
      connections: bench.options.connections,
      seconds,
    }),
  );
}

async function analyze(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

async function gatewayAt(bench: Bench, intents: number): Promise<Gateway> {
  const databaseUrl = await ensureScale(bench, intents);
  return bench.newGateway(`gateway-${intents}`, databaseUrl);
}

async function measureAndStop(bench: Bench, sides: readonly Side[], gateways: readonly Gateway[]) {
  const results = await measureInTurns(sides, bench.rounds);
  for (const { program } of gateways) {
    await program.stop();
  }
  return results;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
