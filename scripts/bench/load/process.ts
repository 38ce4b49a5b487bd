/**
 * A load process: takes one job at a time from its parent, does it, answers what it measured. It stays between jobs, so that
 * its code is compiled when it counts.
 */
import { openHttpLane } from './http-lane.ts';
import { openInsertLane } from './insert-lane.ts';
import type { Job } from './job.ts';
import { drive, type Lane } from './lanes.ts';
import { numbersOf, openPaymentLane } from './payment-lane.ts';
import { openPayPayLane } from './paypay-lane.ts';
import { requestsOf } from './requests.ts';

process.on('message', (job: Job) => {
  void perform(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit());

async function perform(job: Job) {
  const lanes = await openLanes(job);
  try {
    return await drive(lanes, job);
  } finally {
    for (const lane of lanes) await lane.close();
  }
}

function openLanes(job: Job): Promise<Lane[]> {
  const numbers = Array.from({ length: job.connections }, (_, n) => n);
  switch (job.target) {
    case 'http': {
      const nextRequest = requestsOf(job.plan);
      return Promise.all(numbers.map(() => openHttpLane(job.port, nextRequest)));
    }
    case 'insert':
      return Promise.all(numbers.map((n) => openInsertLane(job.databaseUrl, job.merchantIds, n)));
    case 'payments': {
      const nextNumber = numbersOf(job.intents);
      return Promise.all(numbers.map(() => openPaymentLane(job.gatewayPort, job.sandboxPort, nextNumber)));
    }
    case 'paypay':
      return Promise.all(numbers.map(() => openPayPayLane(job.sandboxPort, job)));
  }
}
