import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Loading the gateway costs half a second of CPU time, and most files test it: a worker loads it once for all of them.
    isolate: false,
    maxWorkers: '100%',
    // Starting programs takes seconds; this leaves room for a machine that is many times slower.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 20 } },
    // What fails on a machine that has too much to do is tried once more where changes land; at home it is to be seen.
    retry: process.env['CI'] ? 1 : 0,
  },
});
