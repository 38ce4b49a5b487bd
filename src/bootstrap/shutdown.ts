/**
 * Running until told to stop, and stopping so that no request is lost.
 */
import { systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Disposers } from './runtime-resources.ts';

/** The last is what a terminal says that is closed. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

type Signal = (typeof SIGNALS)[number];

/** Opens, runs until the first signal, closes. */
export async function runUntilSignal(
  log: Logger,
  open: (disposers: Disposers) => Promise<() => Promise<void>>,
): Promise<void> {
  await runOpened(log, open, async (drain, signal) => {
    await signal;
    await drain();
  });
}

/** Opens, works, closes in reverse order; also when opening fails halfway. The work hears of the first signal. */
export async function runOpened<Opened, Result>(
  log: Logger,
  open: (disposers: Disposers) => Promise<Opened>,
  work: (opened: Opened, signal: Promise<Signal>) => Promise<Result>,
): Promise<Result> {
  const disposers: Disposers = [];
  // Listening from the start: a signal during the start is not missed.
  const signal = waitForSignal(log);
  try {
    return await work(await open(disposers), signal);
  } finally {
    for (const close of disposers.reverse()) {
      await close();
    }
  }
}

/** Says "not ready" to load balancers and serves on for as long as they may take to notice. */
export async function drainFor(deps: { drain(): void }, delayMs: number): Promise<void> {
  deps.drain();
  if (delayMs > 0) {
    await systemClock.sleep(delayMs);
  }
}

/**
 * Resolves at the first signal; a second SIGTERM or SIGINT ends the process at once. A second SIGHUP does not: kernel and
 * shell both tell of a terminal that is closed.
 */
function waitForSignal(log: Logger): Promise<Signal> {
  return new Promise((resolve) => {
    const onSignal = (signal: Signal) => {
      log.info({ signal }, 'shutting down');
      for (const name of SIGNALS) {
        process.off(name, onSignal);
        process.on(name, () => {
          if (name !== 'SIGHUP') {
            process.exit(1);
          }
        });
      }
      resolve(signal);
    };
    for (const name of SIGNALS) {
      process.on(name, onSignal);
    }
  });
}
