import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import { createMetrics } from '../../src/lib/metrics.ts';
import { startWorkers, type Worker } from '../../src/workers/runner.ts';
import { createTestClock } from '../support/clock.ts';

function setUp() {
  const lines: string[] = [];
  const clock = createTestClock();
  const deps = {
    clock,
    log: createLog('info', { write: (line) => void lines.push(line) }),
    metrics: createMetrics(),
  };
  return { lines, clock, deps };
}

const nothing = { taken: 0, done: 0, failed: 0 };

function counting(
  name: string,
  runOnce: Worker['runOnce'] = async () => nothing,
): Worker & { passes: number } {
  const worker = {
    name,
    intervalMs: 1_000,
    passes: 0,
    runOnce: async () => {
      worker.passes += 1;
      return runOnce();
    },
    isFull: ({ taken }: { taken: number }) => taken >= 10,
  };
  return worker;
}

describe('the runner', () => {
  it('runs each worker at once, then at its interval, or earlier when it is woken', async () => {
    const { clock, deps } = setUp();
    const worker = counting('a');
    const runner = startWorkers([worker], deps);
    await expect.poll(() => worker.passes).toBe(1);
    await clock.advance(999);
    expect(worker.passes).toBe(1);
    await clock.advance(1);
    await expect.poll(() => worker.passes).toBe(2);
    runner.wake('a');
    await expect.poll(() => worker.passes).toBe(3);
    await runner.stop();
  });

  it('catches up: runs everything now and resolves when a run that began afterwards finds no work', async () => {
    const { deps } = setUp();
    const finishing: (() => void)[] = [];
    let isCaughtUp = false;
    const hanging = counting('a', () => new Promise((resolve) => finishing.push(() => resolve(nothing))));
    let left = 0;
    const full = counting('b', async () => ({ ...nothing, taken: left-- > 0 ? 10 : 0 }));
    const runner = startWorkers([hanging, full], deps);
    await expect.poll(() => full.passes).toBe(1);
    left = 3;
    const caughtUp = runner.catchUp().then(() => {
      isCaughtUp = true;
    });
    // The run in progress does not count; two more follow it.
    for (const passes of [1, 2, 3]) {
      await expect.poll(() => finishing.length).toBe(passes);
      expect(isCaughtUp).toBe(false);
      finishing[passes - 1]?.();
    }
    await caughtUp;
    expect(full.passes).toBeGreaterThanOrEqual(5);
    await runner.stop();
  });

  it('resolves a pending catch-up when it is stopped', async () => {
    const { deps } = setUp();
    const runner = startWorkers([counting('a', async () => ({ ...nothing, taken: 10 }))], deps);
    const caughtUp = runner.catchUp();
    await runner.stop();
    await caughtUp;
    await runner.catchUp();
  });

  it('follows a full run with another at once', async () => {
    const { deps } = setUp();
    let left = 3;
    const worker = counting('a', async () => ({ ...nothing, taken: left-- > 0 ? 10 : 0 }));
    const runner = startWorkers([worker], deps);
    await expect.poll(() => worker.passes).toBe(4);
    await runner.stop();
  });

  it('logs a failed run with its cause, runs again, and never stops the other workers', async () => {
    const { clock, deps, lines } = setUp();
    const failing = counting('bad', async () => {
      throw new Error('pass', { cause: new Error('the very cause') });
    });
    const good = counting('good');
    const runner = startWorkers([failing, good], deps);
    await expect.poll(() => [failing.passes, good.passes]).toEqual([1, 1]);
    await clock.advance(1_000);
    await expect.poll(() => [failing.passes, good.passes]).toEqual([2, 2]);
    expect(lines.join('')).toContain('the very cause');
    await runner.stop();
  });

  it('stops after the run in progress, and starts no other', async () => {
    const { deps } = setUp();
    let finish: () => void = () => undefined;
    const worker = counting(
      'slow',
      () =>
        new Promise((resolve) => {
          finish = () => resolve(nothing);
        }),
    );
    const runner = startWorkers([worker], deps);
    await expect.poll(() => worker.passes).toBe(1);
    let isStopped = false;
    const stopping = runner.stop().then(() => {
      isStopped = true;
    });
    await Promise.resolve();
    expect(isStopped).toBe(false);
    finish();
    await stopping;
    expect(worker.passes).toBe(1);
  });
});
