/**
 * Whether this is the long run: `npm run test:long`, or `.ci/run` with LONG=1. The default run has fewer random seeds,
 * kills and generated requests.
 */
export const isLongRun = process.env['LONG'] === '1';
