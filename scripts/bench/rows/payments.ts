/**
 * Complete payments (confirm, webhook, retrieve until succeeded) against the maximum of the sandbox: a second sandbox
 * that receives the same requests directly. The database and PayPay should be the bottleneck, so the target is the
 * gateway's share of the CPU time.
 */
import { startLoadProcess } from '../load/load-process.ts';
import { measureInTurns, throughputSide } from '../measure/measure.ts';
import { startSandbox } from '../programs/sandbox.ts';
import type { Row } from '../row.ts';

/** Each payment uses up an intent. More than any tested machine can pay in a second. */
export const INTENTS_PER_SECOND = 2_000;

export const PAYERS_PER_CONNECTION = 3;

export const payments: Row = {
  id: 'payments',
  what: 'confirm + webhook + retrieve',
  unit: '/s',
  target: { maxGatewayShare: 0.5 },
  async measure(bench) {
    // More, because a payment spends most of its time waiting.
    const connections = PAYERS_PER_CONNECTION * bench.options.connections;
    const gateway = await bench.gateway();
    const sandbox = await bench.sandbox();
    const sink = await bench.server('webhook-sink');
    const alone = await startSandbox('sandbox-alone', bench.folder, sink.port);
    const load = await startLoadProcess();
    const workers = {
      gateway: gateway.program.pid,
      postgres: bench.postgresPid,
      sandbox: sandbox.program.pid,
    };
    const { warmupSeconds, rounds, seconds: roundSeconds } = bench.rounds;
    const { first } = await bench.newIntents((warmupSeconds + rounds * roundSeconds) * INTENTS_PER_SECOND);
    let taken = 0;
    const payThroughGateway = (seconds: number) => {
      const intents = { first: first + taken, count: seconds * INTENTS_PER_SECOND };
      taken += intents.count;
      const { port: gatewayPort } = gateway;
      return load.run({
        target: 'payments',
        gatewayPort,
        sandboxPort: sandbox.port,
        intents,
        connections,
        seconds,
      });
    };
    const payAtSandbox = (seconds: number) =>
      load.run({
        target: 'paypay',
        sandboxPort: alone.port,
        apiKey: alone.credentials.PAYPAY_API_KEY,
        apiSecret: alone.credentials.PAYPAY_API_SECRET,
        connections,
        seconds,
      });
    const sides = await measureInTurns(
      [
        throughputSide('gateway', workers, payThroughGateway),
        throughputSide('sandbox alone', { sandbox: alone.program.pid }, payAtSandbox),
      ],
      bench.rounds,
    );
    for (const program of [load, alone.program, sink.program]) {
      await program.stop();
    }
    return { sides };
  },
};
