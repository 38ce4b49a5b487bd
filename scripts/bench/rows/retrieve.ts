/**
 * Retrieve by payment_token against a hand-written server with Fastify and the bare driver.
 */
import { measureInTurns, throughputSide } from '../measure/measure.ts';
import type { Row } from '../row.ts';

const INTENTS = 20_000;

export const retrieve: Row = {
  id: 'retrieve',
  what: 'retrieve by payment_token',
  unit: '/s',
  target: { atLeast: 1 },
  async measure(bench) {
    const load = await bench.load();
    const gateway = await bench.gateway();
    const fastify = await bench.server('fastify-retrieve', { DATABASE_URL: gateway.databaseUrl });
    const intents = await bench.newIntents(INTENTS);
    const requests = (port: number) => (seconds: number) =>
      load.run({
        target: 'http',
        port,
        plan: { kind: 'retrieve', intents },
        connections: bench.options.connections,
        seconds,
      });
    const postgres = bench.postgresPid;
    const sides = await measureInTurns(
      [
        throughputSide('gateway', { gateway: gateway.program.pid, postgres }, requests(gateway.port)),
        throughputSide('Fastify + pg', { fastify: fastify.program.pid, postgres }, requests(fastify.port)),
      ],
      bench.rounds,
    );
    await fastify.program.stop();
    return { sides };
  },
};
