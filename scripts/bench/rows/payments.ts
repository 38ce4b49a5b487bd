/**
 * Whole payments (confirm, webhook, retrieve until it has succeeded) against the sandbox's own maximum: another sandbox,
 * asked directly for the same. What must limit a payment is the database and PayPay, so what is judged is whose CPU it
 * costs.
 */
import { startLoadProcess } from '../load/load-process.ts';
import { measureInTurns, throughputSide } from '../measure/measure.ts';
import { startSandbox } from '../programs/sandbox.ts';
import type { Row } from '../row.ts';

/** More than fit into a second on any machine this was tried on; a payment takes its intent with it. */
const INTENTS_PER_SECOND = 2_000;

const PAYERS_PER_CONNECTION = 3;

export const payments: Row = {
  id: 'payments',
  what: 'confirm + webhook + retrieve',
  unit: '/s',
  target: { maxGatewayShare: 0.5 },
  async measure(bench) {
    // A payment is mostly waiting.
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
