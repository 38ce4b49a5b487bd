/**
 * The environment of the benchmark: a durable PostgreSQL with its databases, the PayPay simulator, gateways, comparison
 * servers and a load process, each in a separate process. They are started when a row first needs them and are all
 * stopped at the end.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import {
  type EmbeddedPostgres,
  openEmbeddedPostgres,
} from '../../src/embedded-postgres/embedded-postgres.ts';
import { makeTemporaryFolder } from '../../src/embedded-postgres/temporary-folder.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { connect } from '../../src/store/db/knex.ts';
import { migrate } from '../../src/store/db/migrate.ts';
import { INSERT_INTENTS } from './data/seeded.ts';
import { type LoadProcess, startLoadProcess } from './load/load-process.ts';
import { INSPECTED } from './measure/inspector.ts';
import type { Rounds } from './measure/measure.ts';
import { createProfiler } from './measure/profiler.ts';
import type { Options } from './options.ts';
import { type Gateway, type GatewayOptions, startGateway } from './programs/gateway.ts';
import { forkProgram, keepOutputIn, type Program, stopAllPrograms } from './programs/program.ts';
import { type PayPaySandbox, startSandbox } from './programs/sandbox.ts';

/** What another gateway has that the main one has not. */
export type GatewayExtras = Partial<Pick<GatewayOptions, 'nodeOptions' | 'env' | 'sandbox' | 'port'>>;

export interface Bench {
  readonly options: Options;
  readonly rounds: Rounds;
  /** The temporary folder of this run. */
  readonly folder: string;
  readonly postgresPid: number;
  readonly postgresVersion: string;
  /** Creates the database if it does not exist, migrates it and returns its URL. */
  database(name: string): Promise<string>;
  /** Drops the database if it exists, then creates and migrates it. */
  emptyDatabase(name: string): Promise<string>;
  /** The sandbox that the main gateway uses. */
  sandbox(): Promise<PayPaySandbox>;
  /** The main gateway, which most rows measure, on the database `bench`. */
  gateway(): Promise<Gateway>;
  /** Starts another gateway; stopped by the caller or at the end. */
  newGateway(name: string, databaseUrl: string, more?: GatewayExtras): Promise<Gateway>;
  load(): Promise<LoadProcess>;
  /** Starts a comparison server from `servers/`. */
  server(name: string, env?: Record<string, string>): Promise<{ port: number; program: Program }>;
  /** Seeds unpaid intents in the main database and returns their numbers, which no other row uses. */
  newIntents(count: number): Promise<{ first: number; count: number }>;
  /** With --prof: the profile of each gateway since the last call, as text. */
  takeProfiles(): string[];
  close(): Promise<void>;
}

export async function openBench(options: Options, progress: (text: string) => void): Promise<Bench> {
  const folder = await makeTemporaryFolder();
  keepOutputIn(folder);
  const dataDir = options.dataDir ?? folder;
  const postgres = await openEmbeddedPostgres({ dataDir });
  try {
    return await assemble(options, progress, folder, dataDir, postgres);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function assemble(
  options: Options,
  progress: (text: string) => void,
  folder: string,
  dataDir: string,
  postgres: EmbeddedPostgres,
): Promise<Bench> {
  const admin = new pg.Client(postgres.adminUrl);
  await admin.connect();
  // A run that was killed while it filled a database may have left server settings behind.
  await admin.query('alter system reset all');
  await admin.query('select pg_reload_conf()');
  const gatewayPort = await findFreePort();
  const sandbox = lazy(() => startSandbox('sandbox', folder, gatewayPort));
  const profiler = createProfiler();
  const start = async (given: Pick<GatewayOptions, 'name' | 'databaseUrl'> & GatewayExtras) => {
    const nodeOptions = given.nodeOptions ?? (options.isProfiling ? INSPECTED : []);
    const payPay = given.sandbox ?? (await sandbox());
    const started = await startGateway({ ...given, folder, sandbox: payPay, nodeOptions });
    if (options.isProfiling) {
      await profiler.add(started.program);
    }
    return started;
  };
  const newGateway: Bench['newGateway'] = (name, databaseUrl, more) => start({ ...more, name, databaseUrl });
  const database = (name: string) => ensureDatabase(admin, postgres.adminUrl, name);
  const gateway = lazy(async () =>
    start({ name: 'gateway', databaseUrl: await database('bench'), port: gatewayPort }),
  );
  return {
    options,
    folder,
    rounds: {
      ...options,
      progress,
      // So that each side pays for its own dirty pages and not for those of the previous side.
      beforeSample: async () => void (await admin.query('checkpoint')),
      begin: profiler.begin,
      end: profiler.end,
    },
    postgresPid: await readPostgresPid(dataDir),
    postgresVersion: (await admin.query('show server_version')).rows[0].server_version,
    database,
    async emptyDatabase(name) {
      await admin.query(`drop database if exists ${name} with (force)`);
      return database(name);
    },
    sandbox,
    gateway,
    newGateway,
    load: lazy(startLoadProcess),
    server: startServer,
    newIntents: intentsOf(gateway),
    takeProfiles: profiler.take,
    async close() {
      await stopAllPrograms();
      await admin.end();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function lazy<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => {
    started ??= start();
    return started;
  };
}

async function ensureDatabase(admin: pg.Client, serverUrl: string, name: string): Promise<string> {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0) {
    await admin.query(`create database ${name}`);
  }
  const db = connect(url.href, { poolMax: 2 });
  try {
    await migrate(db);
  } finally {
    await db.destroy();
  }
  return url.href;
}

async function readPostgresPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

async function startServer(name: string, env: Record<string, string> = {}) {
  const program = await forkProgram(name, new URL(`./servers/${name}.ts`, import.meta.url), env);
  const { port } = (await program.nextMessage()) as { port: number };
  return { port, program };
}

/** Seeds intents on request. A run on a kept data folder continues after the existing ones. */
function intentsOf(gateway: () => Promise<Gateway>): Bench['newIntents'] {
  let next: number | undefined;
  return async (count) => {
    const db = connect((await gateway()).databaseUrl, { poolMax: 1 });
    try {
      next ??= await countSeeded(db);
      const first = next;
      next += count;
      await db.raw(INSERT_INTENTS, { first, count });
      await db.raw('analyze payment_intents');
      return { first, count };
    } finally {
      await db.destroy();
    }
  };
}

async function countSeeded(db: ReturnType<typeof connect>): Promise<number> {
  const { rows } = await db.raw(
    "select coalesce(max(cast(right(id, 20) as bigint)) + 1, 0) as next from payment_intents where id like 'pi_00BENC%'",
  );
  return Number(rows[0].next);
}
