/**
 * Requests come before deliveries: while this process is busy, it starts few deliveries, and the others wait in the
 * database. A process that runs only workers has no requests and sends at full speed.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** What the pace depends on; tests have their own. */
export interface PaceMeter {
  /** Monotonic. */
  nowMs(): number;
  /** The share of the time since the last call in which the event loop was active, in [0, 1]. */
  utilization(): number;
}

export interface SendPace {
  /** How many deliveries may be started now. */
  allowed(): number;
  started(count: number): void;
}

const WINDOW_MS = 100;
const BUSY_FROM = 0.8;
/** In one window while the process is busy: 160 a second, which cost a few per cent of a core. */
const MAX_WHILE_BUSY = 16;

export function createSendPace(meter: PaceMeter = createMeter()): SendPace {
  let windowMs = meter.nowMs();
  let left = Number.POSITIVE_INFINITY;
  return {
    allowed() {
      const nowMs = meter.nowMs();
      if (nowMs - windowMs >= WINDOW_MS) {
        windowMs = nowMs;
        left = meter.utilization() >= BUSY_FROM ? MAX_WHILE_BUSY : Number.POSITIVE_INFINITY;
      }
      return left;
    },
    started(count) {
      left -= count;
    },
  };
}

function createMeter(): PaceMeter {
  let last: EventLoopUtilization = performance.eventLoopUtilization();
  return {
    nowMs: () => performance.now(),
    utilization() {
      const current = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(current, last);
      last = current;
      return utilization;
    },
  };
}
