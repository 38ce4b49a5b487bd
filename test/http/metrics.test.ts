import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveMetrics } from '../../src/http/metrics-server.ts';
import { observeState } from '../../src/services/operator/observe-state.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
let server: { port: number; close(): Promise<void> };

beforeAll(async () => {
  gateway = await startTestGateway({ limits: { global: 0, merchant: 3 } });
  merchant = await gateway.newMerchant();
  observeState(gateway.deps.metrics, gateway.database.db, gateway.deps.clock);
  server = await serveMetrics(gateway.deps.metrics, 0, '127.0.0.1', gateway.deps.log);
});
afterAll(async () => {
  await server.close();
  await gateway.close();
});

const scrape = async () => (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();

describe('/metrics', () => {
  it('counts requests, transitions, limits, idempotency, backlog and connections', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent, { 'Idempotency-Key': 'k' });
    await gateway.confirm(intent, { 'Idempotency-Key': 'k' });
    for (let index = 0; index < 3; index += 1) {
      await gateway.request('GET', '/v1/payment_intents', { as: merchant });
    }
    await gateway.request('GET', `/no/such/${intent.id}`);
    const text = await scrape();
    for (const line of [
      'pgw_http_request_seconds_count{operation="createPaymentIntent",status="201"} 1',
      'pgw_http_request_seconds_count{operation="listPaymentIntents",status="429"} 1',
      'pgw_http_request_seconds_count{operation="none",status="404"} 1',
      'pgw_intent_transitions_total{from="none",to="requires_payment_method"} 1',
      'pgw_intent_transitions_total{from="processing",to="requires_action"} 1',
      'pgw_rate_limit_decisions_total{scope="merchant",decision="refused"} 1',
      'pgw_idempotency_decisions_total{decision="run"} 1',
      'pgw_idempotency_decisions_total{decision="replayed"} 1',
      'pgw_worker_backlog{worker="attempts"}',
      'pgw_worker_oldest_seconds{worker="refunds"} 0',
      'pgw_database_connections{state="free"}',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('has no label with an id, a path, or any value that a caller chose', async () => {
    const text = await scrape();
    for (const word of [merchant.merchantId, merchant.apiKey, 'pi_0', 'pa_0', '/no/such']) {
      expect(text).not.toContain(word);
    }
  });

  it('is not served by the gateway itself', async () => {
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
    expect((await gateway.request('GET', '/metrics')).status).toBe(404);
  });
});
