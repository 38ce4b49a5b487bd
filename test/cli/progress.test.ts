/**
 * The progress line of long commands.
 */
import { describe, expect, it } from 'vitest';
import { startProgress } from '../../src/cli/output/progress.ts';
import type { Clock } from '../../src/lib/clock.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 15, 0, minute));

/** A terminal, or not, and a clock that the test moves. */
function fake(isTTY: boolean) {
  let nowMs = 0;
  const written: string[] = [];
  const clock: Clock = { now: () => new Date(nowMs), sleep: async () => undefined, monotonicMs: () => nowMs };
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 };
  const progress = startProgress({ noun: 'attempt', until: at(100), stream, clock });
  return {
    progress,
    written,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

describe('the progress of a long command', () => {
  it('shows the share of the time that was covered, and estimates what is left', () => {
    const { progress, written, pass } = fake(true);
    progress.update(1, at(0));
    expect(written).toEqual([`\r\u001b[K${'░'.repeat(24)}   0 %  1 attempt`]);
    pass(60_000);
    progress.update(1_234, at(25));
    expect(written[1]).toBe(
      `\r\u001b[K${'█'.repeat(6)}${'░'.repeat(18)}  25 %  1,234 attempts  about 3 min left`,
    );
    pass(60_000);
    progress.update(4_000, at(100));
    expect(written[2]).toContain(`${'█'.repeat(24)} 100 %  4,000 attempts  about 0 s left`);
    progress.end();
    expect(written[3]).toBe('\r\u001b[K');
  });

  it('is redrawn at most ten times a second', () => {
    const { progress, written, pass } = fake(true);
    for (let done = 1; done <= 1_000; done += 1) {
      progress.update(done, at(1));
      pass(1);
    }
    expect(written).toHaveLength(10);
  });

  it('is not shown where standard error is not a terminal', () => {
    const { progress, written } = fake(false);
    progress.update(1, at(0));
    progress.end();
    expect(written).toEqual([]);
  });

  it('stays within its bounds when an item comes from before the first or after the end', () => {
    const { progress, written, pass } = fake(true);
    for (const minute of [50, 0, 200]) {
      progress.update(1, at(minute));
      pass(200);
    }
    expect(written.map((line) => / (\d+) %/.exec(line)?.[1])).toEqual(['0', '0', '100']);
  });
});
