import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longer than ten seconds: they start programs and browsers. */
const SLOW =
  /test\/(bootstrap|embedded-postgres|scripts|simulation)\/|\.browser\.test|\/package\.test|properties\.test/;

/** Slow files first, so that no worker is left alone with one at the end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => SLOW.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Most files test the gateway, which takes half a second of CPU time to load: a worker loads it once for all its files.
    isolate: false,
    maxWorkers: '100%',
    sequence: { sequencer: SlowFirst },
    // Starting programs takes seconds; this leaves room for a machine that is many times slower.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 20 } },
    // A busy machine can fail a test, so CI repeats it once; locally the failure is shown.
    retry: process.env['CI'] ? 1 : 0,
  },
});
