/**
 * GET /health against bare Koa: the overhead of the gateway's middleware for a request that does nothing.
 */
import { measureInTurns, throughputSide } from '../measure/measure.ts';
import type { Row } from '../row.ts';

export const health: Row = {
  id: 'health',
  what: 'GET /health',
  unit: '/s',
  target: { atLeast: 0.8 },
  async measure(bench) {
    const load = await bench.load();
    const gateway = await bench.gateway();
    const koa = await bench.server('koa-health');
    const requests = (port: number) => (seconds: number) =>
      load.run({
        target: 'http',
        port,
        plan: { kind: 'get', path: '/health' },
        connections: bench.options.connections,
        seconds,
      });
    const sides = await measureInTurns(
      [
        throughputSide('gateway', { gateway: gateway.program.pid }, requests(gateway.port)),
        throughputSide('bare Koa', { koa: koa.program.pid }, requests(koa.port)),
      ],
      bench.rounds,
    );
    await koa.program.stop();
    return { sides };
  },
};
