/**
 * Whether this is the long run: `npm run test:long`, and `.ci/run` with LONG=1. The default run does less of what only
 * finds more by doing more: seeds, kills.
 */
export const isLongRun = process.env['LONG'] === '1';
