import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What fails on a machine that has too much to do is tried once more where changes land; at home it is to be seen.
    retry: process.env['CI'] ? 1 : 0,
  },
});
