/**
 * The count of payments by minute, for the plots of the console.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listPaymentPeriods } from '../../../src/store/operator/payment-minutes.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

const MINUTE_MS = 60_000;

let gateway: TestGateway;
let merchant: TestMerchant;
let clock: TestClock;

beforeAll(async () => {
  // Ten seconds into a minute, so that no payment of a test is near its end.
  clock = createTestClock(new Date(Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + 10_000));
  gateway = await startTestGateway({ clock });
  merchant = await gateway.newMerchant();
});

afterAll(() => gateway.close());

function count() {
  return gateway.runPasses('payment-minutes');
}

/** Of the last `minutes` whole minutes, those that were counted. */
function counted(minutes: number) {
  const to = new Date(Math.floor(clock.now().getTime() / MINUTE_MS) * MINUTE_MS);
  const from = new Date(to.getTime() - minutes * MINUTE_MS);
  return listPaymentPeriods(gateway.deps.db, from, to, 1);
}

async function cancel(intent: { id: string; token: string }): Promise<void> {
  await gateway.request('POST', `/v1/payment_intents/${intent.id}/cancel`, {
    body: { payment_token: intent.token },
  });
}

describe('counting payments', () => {
  it('counts each minute by creation, and again when a payment of it has ended later', async () => {
    const first = await gateway.newIntent(merchant, { expires_in_minutes: 60 });
    await gateway.newIntent(merchant, { expires_in_minutes: 60 });
    await clock.advance(MINUTE_MS);
    await count();
    expect((await counted(1)).at(-1)).toMatchObject({ created: 2, succeeded: 0, ended: 0 });
    await cancel(first);
    await clock.advance(30 * MINUTE_MS);
    await count();
    expect(await counted(31)).toHaveLength(31);
    expect((await counted(31))[0]).toMatchObject({ created: 2, succeeded: 0, ended: 1 });
    expect((await counted(30)).every(({ created }) => created === 0)).toBe(true);
  });

  it('counts once a minute, however many nodes run it', async () => {
    await clock.advance(MINUTE_MS);
    await count();
    const rows = () => gateway.deps.db('payment_minutes').select('minute', 'counted_at').orderBy('minute');
    const before = await rows();
    await clock.advance(5_000);
    await count();
    expect(await rows()).toEqual(before);
  });

  it('leaves minutes without a count when nothing ran for longer than it looks back, and forgets after eight days', async () => {
    await clock.advance(2 * 60 * MINUTE_MS);
    await count();
    const minutes = (await counted(120)).length;
    expect(minutes).toBe(45);
    await clock.advance(8 * 24 * 60 * MINUTE_MS + 60 * MINUTE_MS);
    await count();
    expect(await gateway.deps.db('payment_minutes').count({ rows: '*' })).toEqual([{ rows: 45 }]);
  });
});
