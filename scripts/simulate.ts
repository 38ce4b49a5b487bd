/**
 * Runs the simulation of payments under faults.
 *
 *   npm run simulate -- --seeds 100            random seeds
 *   npm run simulate -- --seed 42 --steps 120  replays one seed; prints its event history if it fails
 *   npm run simulate -- --sabotage NAME        with a deliberate mistake (test/simulation/sabotage.ts), to be found
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.ts';
import { connect } from '../src/store/db/knex.ts';
import { migrate } from '../src/store/db/migrate.ts';
import { SABOTAGES } from '../test/simulation/sabotage.ts';
import { type SimulationReport, simulate } from '../test/simulation/simulation.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    seed: { type: 'string' },
    steps: { type: 'string', default: '120' },
    sabotage: { type: 'string' },
  },
});
const sabotage = SABOTAGES.find((name) => name === values.sabotage);
if (values.sabotage !== undefined && sabotage === undefined) {
  throw new Error(`--sabotage is one of ${SABOTAGES.join(', ')}`);
}
const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, () => Math.floor(Math.random() * 2 ** 31))
    : [Number(values.seed)];

const dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-simulate-'));
const server = await openEmbeddedPostgres({ dataDir, isDurable: false });
const admin = connect(server.adminUrl, { poolMax: 1 });
const totals = {
  intents: 0,
  payments: 0,
  refunds: 0,
  failedRefunds: 0,
  consoleRefunds: 0,
  returns: 0,
  deaths: 0,
};
let failed = 0;
try {
  await prepareTemplate();
  for (const [index, seed] of seeds.entries()) {
    const report = await runSeed(seed, `sim_${index}`);
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
      totals[name] += report[name];
    }
    if (report.faults.length > 0) {
      failed += 1;
      printFailure(report);
    }
  }
} finally {
  await admin.destroy();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
process.stdout.write(`${seeds.length} seeds, ${failed} failed; ${JSON.stringify(totals)}\n`);
process.exitCode = failed > 0 ? 1 : 0;

async function prepareTemplate(): Promise<void> {
  await admin.raw('create database sim_template');
  const template = connect(urlOf('sim_template'), { poolMax: 2 });
  await migrate(template);
  await template.destroy();
}

async function runSeed(seed: number, database: string): Promise<SimulationReport> {
  await admin.raw(`create database ${database} template sim_template`);
  const db = connect(urlOf(database), { poolMax: 10 });
  try {
    return await simulate({ seed, steps: Number(values.steps), db, sabotage });
  } finally {
    await db.destroy();
    await admin.raw(`drop database ${database} with (force)`);
  }
}

function printFailure({ seed, history, faults }: SimulationReport): void {
  const replay = `npm run simulate -- --seed ${seed} --steps ${values.steps}`;
  process.stdout.write(`\nseed ${seed} failed:\n  ${faults.join('\n  ')}\n`);
  if (seeds.length === 1) {
    process.stdout.write(`${history.join('\n')}\n`);
  }
  process.stdout.write(`Replay: ${replay}\n`);
}

function urlOf(database: string): string {
  const url = new URL(server.adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}
