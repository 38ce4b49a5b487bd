/**
 * The 99th percentile of the latency of creates at the documented global limit, 10,000 per minute, against that of the
 * bare INSERT at the same rate. The rate of arrivals is fixed, and latency is measured from when each request was due.
 */

import { MERCHANTS } from '../data/seeded.ts';
import { startLoadProcess } from '../load/load-process.ts';
import { latencySide, measureInTurns } from '../measure/measure.ts';
import type { Row } from '../row.ts';
import { INSERT_CONNECTIONS } from './create.ts';

const PER_SECOND = 170;
/** In less time the slowest 1 % would be only a few requests. */
const MIN_SECONDS = 10;

export const latency: Row = {
  id: 'latency',
  what: `p99 of create at ${PER_SECOND}/s`,
  unit: 'ms',
  target: { max: 3 },
  async measure(bench) {
    const { connections, isQuick } = bench.options;
    const gateway = await bench.gateway();
    const load = await bench.load();
    const inserter = await startLoadProcess();
    const postgres = bench.postgresPid;
    const { databaseUrl, keys, port } = gateway;
    const plan = { kind: 'create', keys, withIdempotencyKey: false } as const;
    const sides = [
      latencySide('gateway', { gateway: gateway.program.pid, postgres }, (seconds) =>
        load.run({ target: 'http', port, plan, connections, seconds, ratePerSecond: PER_SECOND }),
      ),
      latencySide('INSERT by pg', { postgres }, (seconds) =>
        inserter.run({
          target: 'insert',
          databaseUrl,
          merchantIds: MERCHANTS,
          connections: INSERT_CONNECTIONS,
          seconds,
          ratePerSecond: PER_SECOND,
        }),
      ),
    ];
    const seconds = isQuick ? bench.rounds.seconds : Math.max(bench.rounds.seconds, MIN_SECONDS);
    const results = await measureInTurns(sides, { ...bench.rounds, seconds });
    await inserter.stop();
    return { sides: results };
  },
};
