/**
 * How many requests of one operator are in progress at one time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestConsole, type TestConsole } from '../support/console.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
let console: TestConsole;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
});
afterAll(async () => {
  await console.close();
  await gateway.close();
});

/** While `work` runs, the list of merchants waits for the database. */
async function whileMerchantsWait(work: () => Promise<void>): Promise<void> {
  await gateway.deps.db.transaction(async (trx) => {
    await trx.raw('lock table merchants in access exclusive mode');
    await work();
  });
}

describe('an operator with many slow pages', () => {
  it('leaves connections to others, is refused what would wait too long, and gets the rest', async () => {
    const [busy, other] = [await console.signIn('viewer'), await console.signIn('viewer')];
    let pages: Promise<{ readonly status: number }>[] = [];
    await whileMerchantsWait(async () => {
      pages = Array.from({ length: 30 }, () => busy.get('/merchants'));
      // Seven cannot even wait, so all others have arrived.
      let refused = 0;
      await new Promise<void>((resolve, reject) => {
        for (const page of pages) {
          page.then(({ status }) => {
            refused += status === 429 ? 1 : 0;
            return refused === 7 && resolve();
          }, reject);
        }
      });
      expect((await other.get('/account')).status).toBe(200);
      expect(gateway.deps.db.client.pool.numUsed()).toBeLessThanOrEqual(6);
    });
    const statuses = (await Promise.all(pages)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(23);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
    expect((await busy.get('/merchants')).status).toBe(200);
  });
});
