/**
 * The health page of the console.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHealth } from '../../../src/services/operator/health/read-health.ts';
import { readPlots } from '../../../src/services/operator/health/read-plots.ts';
import { insertWebhook } from '../../../src/store/provider-webhooks.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { newEndpoint, seedDelivery, seedEvent } from '../../support/webhooks.ts';

const MINUTE_MS = 60_000;

let gateway: TestGateway;
let console: TestConsole;
let clock: TestClock;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
  console = await startTestConsole(gateway.deps);
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

function minutesAgo(minutes: number): Date {
  return new Date(Math.floor(clock.now().getTime() / MINUTE_MS) * MINUTE_MS - minutes * MINUTE_MS);
}

describe('the health page', () => {
  it('shows in both languages what waits, the circuit of this process, and the plots with their values', async () => {
    const viewer = await console.signIn('viewer');
    const english = await viewer.get('/health', { 'Accept-Language': 'en' });
    expect(english.status).toBe(200);
    expect(english.text).toMatch(/circuit[\s\S]*In this process only[\s\S]*Payments a minute/);
    expect((await viewer.get('/health', { 'Accept-Language': 'ja' })).text).toContain('1分あたりの決済件数');
  });

  it('is for operators of the whole gateway', async () => {
    const { merchantId } = await gateway.newMerchant();
    const limited = await console.signIn({ role: 'admin', merchantId });
    expect((await limited.get('/health')).status).toBe(403);
  });

  it('names the endpoints whose deliveries wait, without the query of their addresses', async () => {
    const merchant = await gateway.newMerchant();
    const url = 'https://shop.example.com/waiting?token=s3cret';
    const { id } = await newEndpoint(gateway, merchant, { url });
    await seedDelivery(
      gateway.deps.db,
      id,
      await seedEvent(gateway.deps.db, { merchantId: merchant.merchantId }),
    );
    const { text } = await (await console.signIn('viewer')).get('/health');
    expect(text).toContain(`/endpoints/${id}">https://shop.example.com/waiting?…`);
    expect(text).not.toContain('s3cret');
  });

  it('marks work that is late', async () => {
    await insertWebhook(
      gateway.deps.db,
      {
        provider: 'PAYPAY',
        dedupeKey: 'late',
        type: 'Transaction',
        attemptId: undefined,
        providerPaymentId: undefined,
        body: Buffer.from('{}'),
        peerAddress: undefined,
      },
      clock.now(),
    );
    const before = await (await console.signIn('viewer')).get('/health');
    expect(before.text).not.toContain('Late');
    await clock.advance(31_000);
    expect((await (await console.signIn('viewer')).get('/health')).text).toContain('Late');
    const { backlog } = await readHealth(gateway.deps);
    expect(backlog.find(({ worker }) => worker === 'webhooks')).toMatchObject({ due: 1 });
  });
});

describe('the plots of a day', () => {
  it('have averages by ten minutes, and gaps where nothing was counted or nothing was to be measured', async () => {
    const end = minutesAgo(0);
    const at = new Date(Math.floor(end.getTime() / (10 * MINUTE_MS)) * 10 * MINUTE_MS - 60 * MINUTE_MS);
    const minute = (offset: number) => new Date(at.getTime() + offset * MINUTE_MS);
    await gateway.deps.db('payment_minutes').insert([
      { minute: minute(0), created: 6, succeeded: 3, ended: 4, counted_at: end },
      { minute: minute(1), created: 2, succeeded: 0, ended: 0, counted_at: end },
      { minute: minute(10), created: 0, succeeded: 0, ended: 0, counted_at: end },
    ]);
    const row = {
      calls: 10,
      failed: 1,
      total_ms: 2_000,
      max_ms: 900,
      le_100: 0,
      le_300: 10,
      le_1000: 10,
      le_3000: 10,
    };
    await gateway.deps.db('provider_minutes').insert([
      { minute: minute(0), operation: 'createCode', ...row },
      { minute: minute(3), operation: 'paymentDetails', ...row, max_ms: 250 },
    ]);
    const plots = await readPlots(gateway.deps);
    const valueAt = (name: keyof typeof plots, offset: number) =>
      plots[name].find((point) => point.at.getTime() === minute(offset).getTime())?.value;
    expect(plots.paymentsPerMinute).toHaveLength(144);
    expect(valueAt('paymentsPerMinute', 0)).toBe(4);
    expect(valueAt('paidPercent', 0)).toBe(75);
    expect(valueAt('paymentsPerMinute', 10)).toBe(0);
    expect(valueAt('paidPercent', 10)).toBeUndefined();
    expect(valueAt('paymentsPerMinute', 20)).toBeUndefined();
    expect(valueAt('maxMs', 0)).toBe(900);
    expect(valueAt('medianMs', 0)).toBe(200);
    expect(valueAt('failedPercent', 0)).toBe(10);
    expect(valueAt('maxMs', 10)).toBeUndefined();
  });
});
