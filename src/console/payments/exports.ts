/**
 * The exports of this process: how many run, and how many rows each has written. Kept in memory, because an export lives and dies
 * with its connection.
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import { ConsoleRefusal } from '../refusals.ts';

/** Each reads from the database all the time. */
const MAX_OF_OPERATOR = 2;
const MAX_RUNNING = 4;
/** Exports that have ended are remembered for pages that still ask for them. */
const MAX_REMEMBERED = 100;

/** A million rows take minutes; a client that takes them more slowly than this must not keep its place. */
const LONGEST_MS = 3_600_000;

export interface Export {
  rows: number;
  state: 'running' | 'done' | 'failed';
}

interface OwnedExport extends Export {
  readonly operatorId: string;
}

/** By operator and the name that the page gave it; the oldest comes first. */
const exportsByName = new Map<string, OwnedExport>();

/**
 * @param name chosen by the page that will ask for the progress
 * @throws ConsoleRefusal when too many are running
 */
export function beginExport(operatorId: string, name: string): Export {
  const running = [...exportsByName.values()].filter(({ state }) => state === 'running');
  const ofOperator = running.filter((each) => each.operatorId === operatorId);
  if (running.length >= MAX_RUNNING || ofOperator.length >= MAX_OF_OPERATOR) {
    throw new ConsoleRefusal(429, 'tooMany');
  }
  forgetOldest();
  const key = keyOf(operatorId, name);
  // A page whose export still runs has been used twice; the second one has no name.
  const isTaken = exportsByName.get(key)?.state === 'running';
  const begun: OwnedExport = { operatorId, rows: 0, state: 'running' };
  exportsByName.set(isTaken ? `${key} ${exportsByName.size}` : key, begun);
  return begun;
}

/** Ends `progress` with the stream, and the stream after an hour. */
export function limitExport(clock: Pick<Clock, 'sleep'>, stream: Readable, progress: Export): Readable {
  const closed = new AbortController();
  // Also of a client that goes away before anything is read.
  stream.once('close', () => {
    closed.abort();
    progress.state = progress.state === 'running' ? 'failed' : progress.state;
  });
  void clock.sleep(LONGEST_MS, closed.signal).then(() => stream.destroy());
  return stream;
}

/** The operator's export of this name; undefined when there is none, or it has been forgotten. */
export function findExport(operatorId: string, name: string): Export | undefined {
  return exportsByName.get(keyOf(operatorId, name));
}

function keyOf(operatorId: string, name: string): string {
  return `${operatorId} ${name}`;
}

function forgetOldest(): void {
  for (const [key, { state }] of exportsByName) {
    if (exportsByName.size < MAX_REMEMBERED) {
      return;
    }
    if (state !== 'running') {
      exportsByName.delete(key);
    }
  }
}
