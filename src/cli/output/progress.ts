/**
 * The progress of a long command, with an estimate of the time it still takes: one line on standard error that is redrawn, and
 * nothing unless that is a terminal. Where the work is ordered by time, the share that is done is known without counting.
 */
import { type Clock, monotonicMs, systemClock } from '../../lib/clock.ts';
import { count } from './list.ts';

export interface Progress {
  /** @param reached the time of the latest item */
  update(done: number, reached: Date): void;
  /** Removes the line. */
  end(): void;
}

export interface ShareProgress {
  /** @param share from 0 to 1 */
  update(done: number, share: number): void;
  /** Removes the line. */
  end(): void;
}

interface ShareProgressOptions {
  /** The name of one item, for example `attempt`. */
  readonly noun: string;
  readonly stream?: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;
  readonly clock?: Clock;
}

export interface ProgressOptions extends ShareProgressOptions {
  /** The time of the last item that can come. */
  readonly until: Date;
}

const REDRAW_MS = 100;
/** Until then, the estimate would jump. */
const ESTIMATE_AFTER_MS = 2_000;
const WIDTH = 24;
const CLEAR_LINE = '\r\u001b[K';

/** The progress of work that is ordered by time. */
export function startProgress({ until, ...options }: ProgressOptions): Progress {
  const progress = startShareProgress(options);
  let first: Date | undefined;
  return {
    update(done, reached) {
      first ??= reached;
      progress.update(done, shareOf(first, reached, until));
    },
    end: () => progress.end(),
  };
}

/** The progress of work whose share is known. */
export function startShareProgress({
  noun,
  stream = process.stderr,
  clock = systemClock,
}: ShareProgressOptions): ShareProgress {
  if (!stream.isTTY) {
    return { update: () => undefined, end: () => undefined };
  }
  const startedMs = monotonicMs(clock);
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    update(done, share) {
      const nowMs = monotonicMs(clock);
      if (nowMs - drawnMs >= REDRAW_MS) {
        drawnMs = nowMs;
        stream.write(`${CLEAR_LINE}${bar(share)}  ${count(done, noun)}${left(share, nowMs - startedMs)}`);
      }
    },
    end() {
      stream.write(CLEAR_LINE);
    },
  };
}

/** From 0 to 1. */
function shareOf(first: Date, reached: Date, until: Date): number {
  const wholeMs = until.getTime() - first.getTime();
  const share = wholeMs <= 0 ? 1 : (reached.getTime() - first.getTime()) / wholeMs;
  return Math.min(Math.max(share, 0), 1);
}

function bar(share: number): string {
  const full = Math.round(share * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}

function left(share: number, elapsedMs: number): string {
  if (share === 0 || elapsedMs < ESTIMATE_AFTER_MS) {
    return '';
  }
  const seconds = Math.ceil((elapsedMs * (1 - share)) / share / 1_000);
  return seconds < 120 ? `  about ${seconds} s left` : `  about ${Math.ceil(seconds / 60)} min left`;
}
