/**
 * The load process: receives one job at a time from its parent, runs it and returns the result. It keeps running
 * between jobs, so that its code is already compiled when measurements start.
 */
import { openHttpVirtualUser } from './http-user.ts';
import { openInsertVirtualUser } from './insert-user.ts';
import type { Job } from './job.ts';
import { numbersOf, openPaymentVirtualUser } from './payment-user.ts';
import { openPayPayVirtualUser } from './paypay-user.ts';
import { requestsOf } from './requests.ts';
import { drive, type VirtualUser } from './virtual-users.ts';

process.on('message', (job: Job) => {
  void perform(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit());

async function perform(job: Job) {
  const virtualUsers = await openVirtualUsers(job);
  try {
    return await drive(virtualUsers, job);
  } finally {
    for (const virtualUser of virtualUsers) {
      await virtualUser.close();
    }
  }
}

function openVirtualUsers(job: Job): Promise<VirtualUser[]> {
  const numbers = Array.from({ length: job.connections }, (_, n) => n);
  switch (job.target) {
    case 'http': {
      const nextRequest = requestsOf(job.plan);
      return Promise.all(numbers.map(() => openHttpVirtualUser(job.port, nextRequest)));
    }
    case 'insert':
      return Promise.all(numbers.map((n) => openInsertVirtualUser(job.databaseUrl, job.merchantIds, n)));
    case 'payments': {
      const nextNumber = numbersOf(job.intents);
      return Promise.all(
        numbers.map(() => openPaymentVirtualUser(job.gatewayPort, job.sandboxPort, nextNumber)),
      );
    }
    case 'paypay':
      return Promise.all(numbers.map(() => openPayPayVirtualUser(job.sandboxPort, job)));
  }
}
