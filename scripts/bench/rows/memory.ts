/**
 * Memory of a gateway after very many requests against its memory after ten thousand. Garbage is collected before each
 * measurement, so that only retained memory counts.
 */
import { systemClock } from '../../../src/lib/clock.ts';
import { startLoadProcess } from '../load/load-process.ts';
import { residentBytesOf } from '../measure/cpu.ts';
import { INSPECTED, type Inspector, inspect } from '../measure/inspector.ts';
import type { Sample } from '../measure/measure.ts';
import type { Gateway } from '../programs/gateway.ts';
import type { Row } from '../row.ts';

const FIRST_SAMPLE_AFTER = 10_000;
const SEEDED = 10_000;
const MIB = 1024 ** 2;
/** Time for connections to close, timers to expire and pages to be returned to the operating system. */
const PAUSE_MS = 3_000;
/** A bound that is never reached: the number of requests ends the load. */
const MAX_SECONDS = 7_200;
const BATCH = 50_000;

export const memory: Row = {
  id: 'memory',
  what: 'memory after many requests',
  unit: 'MB',
  target: { max: 1.2 },
  async measure(bench) {
    const main = await bench.gateway();
    const intents = await bench.newIntents(SEEDED);
    const gateway = await bench.newGateway('gateway-memory', main.databaseUrl, { nodeOptions: INSPECTED });
    const inspector = await inspect(gateway.program);
    const load = await startLoadProcess();
    const last = bench.options.memoryRequests;
    const first = Math.min(FIRST_SAMPLE_AFTER, Math.ceil(last / 10));
    const send = async (from: number, to: number) => {
      for (let sent = from; sent < to; sent += BATCH) {
        bench.rounds.progress(`${sent.toLocaleString('en-US')} of ${to.toLocaleString('en-US')} requests`);
        await load.run({
          target: 'http',
          port: gateway.port,
          plan: { kind: 'mix', keys: gateway.keys, intents },
          connections: bench.options.connections,
          seconds: MAX_SECONDS,
          max: Math.min(BATCH, to - sent),
        });
      }
    };
    await send(0, first);
    const early = await measureMemory(gateway, inspector);
    await send(first, last);
    const late = await measureMemory(gateway, inspector);
    inspector.close();
    await load.stop();
    await gateway.program.stop();
    return {
      sides: [
        { name: `after ${last.toLocaleString('en-US')}`, samples: [late] },
        { name: `after ${first.toLocaleString('en-US')}`, samples: [early] },
      ],
    };
  },
};

async function measureMemory({ program }: Gateway, inspector: Inspector): Promise<Sample> {
  for (let pauses = 0; pauses < 2; pauses += 1) {
    await inspector.collectGarbage();
    await systemClock.sleep(PAUSE_MS);
  }
  const heapMb = (await inspector.heapBytes()) / MIB;
  return { value: residentBytesOf(program.pid) / MIB, cpuMicros: {}, more: { heapMb } };
}
