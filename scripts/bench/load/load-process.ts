/**
 * Starts a load process and sends it jobs.
 */
import { forkProgram, type Program } from '../programs/program.ts';
import type { Job, LoadResult } from './job.ts';

export interface LoadProcess {
  readonly pid: number;
  run(job: Job): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** A job that takes this much longer than its duration is considered stuck. */
const GRACE_MS = 60_000;
/** With a larger share of failures the measurement is not valid. */
const MAX_FAILED_SHARE = 0.001;

export async function startLoadProcess(): Promise<LoadProcess> {
  const program = await forkProgram('load', new URL('./process.ts', import.meta.url));
  return { pid: program.pid, run: (job) => perform(program, job), stop: () => program.stop() };
}

async function perform(program: Program, job: Job): Promise<LoadResult> {
  program.child.send(job);
  const message = await program.nextMessage(job.seconds * 1000 + GRACE_MS);
  const { result, error } = message as { result?: LoadResult; error?: string };
  if (!result) {
    throw new Error(`the load failed: ${error}`);
  }
  if (result.failed > result.done * MAX_FAILED_SHARE) {
    throw new Error(`${result.failed} of ${result.done} requests failed, the first: ${result.firstFailure}`);
  }
  return result;
}
