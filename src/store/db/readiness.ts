/**
 * Checks whether the database accepts writes. The result is cached for a second and shared by all callers, because
 * readiness is public and must not cost a statement per request.
 */
import { monotonicMs, systemClock } from '../../lib/clock.ts';
import { lastFaultOf } from './connection.ts';
import type { Fault } from './errors.ts';
import { type Db, execute } from './query.ts';

/** Writes no row, but is refused like any write by a server that is read-only or in recovery. */
const CHECK = 'update provider_reads set provider = provider where false';
/** How long a result is valid. */
const FRESH_MS = 1_000;
/** Shorter than the two seconds that load balancers commonly wait for a health check. */
const WAIT_MS = 1_500;
/**
 * How long an error response to any statement proves that writes fail. Longest for exhausted resources such as a full
 * disk, which the check does not notice.
 */
const PROOF_MS: Partial<Record<Fault, number>> = { read_only: FRESH_MS, unable: 3_000 };

interface Answer {
  /** When the check was sent, in monotonic milliseconds. */
  readonly askedMs: number;
  readonly error: unknown;
}

interface State {
  last?: Answer;
  checking?: Promise<Answer>;
}

const states = new WeakMap<Db, State>();

/** @throws the reason why the database does not accept writes or does not respond */
export async function requireWritable(db: Db): Promise<void> {
  const state = states.get(db) ?? {};
  states.set(db, state);
  const { error } = findProof(db) ?? findFresh(db, state) ?? (await checkInTime(db, state));
  if (error !== undefined) {
    throw error;
  }
}

/** A failure that other statements have shown recently. */
function findProof(db: Db): Pick<Answer, 'error'> | undefined {
  const last = lastFaultOf(db.client);
  if (last === undefined || now() - last.atMs >= (PROOF_MS[last.fault] ?? 0)) {
    return undefined;
  }
  return { error: new Error(`the database refuses writes: ${last.fault}`) };
}

/** The last result, unless it is too old or a connection has been lost since. */
function findFresh(db: Db, { last }: State): Answer | undefined {
  if (last === undefined || now() - last.askedMs >= FRESH_MS) {
    return undefined;
  }
  const fault = lastFaultOf(db.client);
  const isOutdated = last.error === undefined && fault?.fault === 'lost' && fault.atMs > last.askedMs;
  return isOutdated ? undefined : last;
}

async function checkInTime(db: Db, state: State): Promise<Pick<Answer, 'error'>> {
  state.checking ??= check(db, state);
  const waiting = new AbortController();
  const late = systemClock
    .sleep(WAIT_MS, waiting.signal)
    .then(() => ({ error: new Error('the database does not respond in time') }));
  const answer = await Promise.race([state.checking, late]);
  waiting.abort();
  return answer;
}

async function check(db: Db, state: State): Promise<Answer> {
  const askedMs = now();
  const error: unknown = await execute(db, CHECK).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const answer = { askedMs, error };
  state.last = answer;
  delete state.checking;
  return answer;
}

function now(): number {
  return monotonicMs(systemClock);
}
