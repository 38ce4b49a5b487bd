/**
 * Runs a process until a signal, and shuts it down without losing requests.
 */
import { monotonicMs, systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { watchLaunchers } from './process/launchers.ts';
import type { Disposers } from './runtime-resources.ts';

/** SIGHUP is sent when the terminal is closed. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** A signal this soon after the first one is taken for the same one, passed on by npm, which may be slow. */
const REPEATED_SIGNAL_MS = 1_000;

type Signal = (typeof SIGNALS)[number];

/** Opens resources, runs until the first signal, then drains and closes. `open` returns the function that drains. */
export async function runUntilSignal(
  log: Logger,
  open: (disposers: Disposers) => Promise<() => Promise<void>>,
): Promise<void> {
  await runOpened(log, open, async (drain, signal) => {
    await signal;
    await drain();
  });
}

/**
 * Opens resources, runs `work`, then closes them in reverse order, also if opening fails halfway. `signal` resolves at
 * the first signal.
 */
export async function runOpened<Opened, Result>(
  log: Logger,
  open: (disposers: Disposers) => Promise<Opened>,
  work: (opened: Opened, signal: Promise<Signal>) => Promise<Result>,
): Promise<Result> {
  const disposers: Disposers = [];
  // Installed before anything is opened, so that a signal during the start is not missed.
  const signal = waitForSignal(log);
  try {
    return await work(await open(disposers), signal);
  } finally {
    for (const close of disposers.reverse()) {
      await close();
    }
  }
}

/** Reports "not ready" and keeps serving for `delayMs`, the time that load balancers need to notice. */
export async function drainFor(deps: { drain(): void }, delayMs: number): Promise<void> {
  deps.drain();
  if (delayMs > 0) {
    await systemClock.sleep(delayMs);
  }
}

/**
 * Resolves at the first signal, or when what started this process ends. A second SIGTERM or SIGINT exits immediately. A
 * second SIGHUP does not, because both kernel and shell send one when a terminal is closed. Nor does one that follows at
 * once: at Ctrl-C the terminal sends SIGINT to this process and to npm, which passes it on.
 */
function waitForSignal(log: Logger): Promise<Signal> {
  return new Promise((resolve) => {
    const onEnd = (signal: Signal, reason: object) => {
      stopWatching();
      log.info(reason, 'shutting down');
      const since = monotonicMs(systemClock);
      for (const name of SIGNALS) {
        process.off(name, onSignal);
        process.on(name, () => {
          if (name !== 'SIGHUP' && monotonicMs(systemClock) - since > REPEATED_SIGNAL_MS) {
            process.exit(1);
          }
        });
      }
      resolve(signal);
    };
    const onSignal = (signal: Signal) => onEnd(signal, { signal });
    const stopWatching = watchLaunchers(() => onEnd('SIGTERM', { reason: 'npm or its shell has ended' }));
    for (const name of SIGNALS) {
      process.on(name, onSignal);
    }
  });
}
