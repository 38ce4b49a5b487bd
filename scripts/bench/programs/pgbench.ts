/**
 * pgbench, PostgreSQL's own load generator, if it is installed.
 */
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pgbenchScript } from '../data/insert-statement.ts';
import { MERCHANTS, STORES } from '../data/seeded.ts';
import type { LoadResult } from '../load/job.ts';

export interface PgBench {
  /** Runs the INSERT of a create on this many connections. */
  insert(databaseUrl: string, connections: number, seconds: number): Promise<LoadResult>;
}

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';

/** @returns undefined if pgbench is not installed */
export async function findPgbench(folder: string): Promise<PgBench | undefined> {
  const program = await findProgram();
  if (program === undefined) {
    return undefined;
  }
  const script = join(folder, 'insert.pgbench');
  await writeFile(script, pgbenchScript(MERCHANTS.length, STORES.length));
  return {
    async insert(databaseUrl, connections, seconds) {
      const args = ['-n', '-M', 'prepared', '-f', script, '-c', String(connections), '-j', '1'];
      const round = Math.floor(Date.now() / 1000);
      const more = ['-T', String(Math.max(1, Math.round(seconds))), '-D', 'n=0', '-D', `round=${round}`];
      const { stdout } = await run(program, [...args, ...more, databaseUrl]);
      return readResult(stdout);
    },
  };
}

/** pgbench reports no CPU time of its own and, without a log of every transaction, no percentiles. */
function readResult(stdout: string): LoadResult {
  const [, perSecond] = /tps = ([\d.]+)/.exec(stdout) ?? [];
  const [, processed] = /actually processed: (\d+)/.exec(stdout) ?? [];
  const [, failed = '0'] = /failed transactions: (\d+)/.exec(stdout) ?? [];
  if (perSecond === undefined || processed === undefined || failed !== '0') {
    throw new Error(`pgbench failed:\n${stdout}`);
  }
  const done = Number(processed);
  const unknown = { cpuSeconds: 0, latencyMs: { p50: 0, p99: 0, max: 0 } };
  return { done, failed: 0, firstFailure: undefined, seconds: done / Number(perSecond), ...unknown };
}

async function findProgram(): Promise<string | undefined> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a));
  for (const program of ['pgbench', ...newestFirst.map((version) => `${DEBIAN}/${version}/bin/pgbench`)]) {
    const isThere = await run(program, ['--version']).then(
      () => true,
      () => false,
    );
    if (isThere) {
      return program;
    }
  }
  return undefined;
}
