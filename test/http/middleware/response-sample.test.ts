import { afterAll, describe, expect, it } from 'vitest';
import { contract } from '../../support/contract.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const gateways: TestGateway[] = [];
afterAll(() => Promise.all(gateways.map((gateway) => gateway.close())));

/** A gateway whose contract declares another health response than it sends. */
async function startLiar(contractSample: number): Promise<TestGateway> {
  const wrong = structuredClone(contract);
  Object.assign(wrong.components?.schemas?.['Health'] ?? {}, {
    properties: { status: { type: 'string', enum: ['splendid'] } },
  });
  const gateway = await startTestGateway({ contract: wrong, contractSample });
  gateways.push(gateway);
  return gateway;
}

const deviations = async (gateway: TestGateway) =>
  /pgw_contract_deviations_total\{.*/.exec((await gateway.deps.metrics.render()).text)?.[0];

describe('the sample of responses', () => {
  it('logs and counts a response that deviates from the contract, and sends it anyway', async () => {
    const gateway = await startLiar(1);
    const answer = await fetch(`${gateway.url}/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok' });
    expect(await deviations(gateway)).toBe(
      'pgw_contract_deviations_total{operation="getHealth",status="200"} 1',
    );
    expect(gateway.logLines.join('')).toContain('getHealth 200: body/status must be equal to one of');
  });

  it('checks only its share', async () => {
    const gateway = await startLiar(0);
    await fetch(`${gateway.url}/health`);
    expect(await deviations(gateway)).toBeUndefined();
  });

  it('finds no fault with correct responses, including refusals', async () => {
    const gateway = await startTestGateway({ contractSample: 1 });
    gateways.push(gateway);
    const merchant = await gateway.newMerchant();
    await gateway.confirm(await gateway.newIntent(merchant));
    await gateway.request('GET', '/v1/payment_intents');
    await gateway.request('GET', '/no/such');
    expect(await deviations(gateway)).toBeUndefined();
  });
});
