/**
 * Many refunds of one payment at the same time, over two nodes: the database lets no more through than was captured.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { expectSums } from '../../support/refund-runs.ts';
import { newPaidIntent, requestRefund } from '../../support/refunds.ts';

let nodes: [TestGateway, TestGateway];
let merchant: TestMerchant;

beforeAll(async () => {
  const sandbox = { webhookMode: 'manual' } as const;
  const first = await startTestGateway({ sandbox });
  nodes = [first, await startTestGateway({ sandbox, database: first.database })];
  merchant = await first.newMerchant();
});
afterAll(async () => {
  await nodes[1].close();
  await nodes[0].close();
});
afterEach(() => expectSums(nodes[0]));

const newIntent = (amount: number) => newPaidIntent(nodes[0], merchant, { amount });

/** Each request at its turn's node; all at the same time. */
function requestAll(
  intents: readonly { readonly id: string }[],
  fields: readonly Record<string, unknown>[],
  headersOf: (index: number) => Record<string, string> = () => ({}),
) {
  return Promise.all(
    fields.map((one, index) => {
      const intent = intents[index % intents.length] ?? { id: '' };
      const node = nodes[Math.floor(index / intents.length) % 2] ?? nodes[0];
      return requestRefund(node, merchant, intent, one, headersOf(index));
    }),
  );
}

const rowOf = (id: string) => nodes[0].database.db('payment_intents').where({ id }).first();
const sumOf = (responses: readonly { readonly body: { readonly amount: number } }[]) =>
  responses.reduce((sum, { body }) => sum + body.amount, 0);

describe('refunds of one payment at the same time', () => {
  it('take exactly what was captured and never more: a hundred of different amounts, and then ones that fill it up', async () => {
    const intent = await newIntent(10_000);
    const amounts = Array.from({ length: 100 }, (_, index) => 250 + ((index * 7_919) % 501));
    const responses = await requestAll(
      [intent],
      amounts.map((amount) => ({ amount })),
    );
    const accepted = responses.filter(({ status }) => status === 201);
    const refused = responses.filter(({ status }) => status !== 201);
    expect(accepted.length).toBeGreaterThan(10);
    expect((await rowOf(intent.id)).amount_refunded).toBe(sumOf(accepted));
    for (const [index, { status, body }] of responses.entries()) {
      const amount = amounts[index] ?? 0;
      const refusal = { code: 'invalid_request', details: { field: 'amount', constraint: 'max_value' } };
      expect([status, body]).toMatchObject(status === 201 ? [201, { amount }] : [400, refusal]);
    }
    // Each refusal says what was left at that moment, which is less than was asked for.
    const left = 10_000 - sumOf(accepted);
    for (const { body } of refused) {
      expect(body.details.amount_refundable).toBeGreaterThanOrEqual(left);
      expect(body.details.amount_refundable).toBeLessThan(751);
    }
    const last = await requestAll([intent], Array(10).fill({}));
    const filling = last.filter(({ status }) => status === 201);
    expect([filling.length, sumOf(filling)]).toEqual([left > 0 ? 1 : 0, left]);
    expect((await rowOf(intent.id)).amount_refunded).toBe(10_000);
    expect(
      last.filter(({ status }) => status !== 201).map(({ body }) => body.details.amount_refundable),
    ).toEqual(Array(last.length - filling.length).fill(0));
  });

  it('are at most fifty, however small they are', async () => {
    const intent = await newIntent(1_000);
    const responses = await requestAll([intent], Array(60).fill({ amount: 1 }));
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(50);
    expect(responses.find(({ status }) => status !== 201)?.body.details).toMatchObject({
      constraint: 'refund_limit_exceeded',
    });
  });

  it('count once each when every request is repeated at the other node with its Idempotency-Key', async () => {
    const intent = await newIntent(10_000);
    const keyOf = (index: number) => `key-${index >> 1}`;
    const bodies = Array.from({ length: 40 }, (_, index) => ({ amount: 100 + (index >> 1) }));
    const send = () => requestAll([intent], bodies, (index) => ({ 'Idempotency-Key': keyOf(index) }));
    const first = await send();
    const second = await send();
    const ids = new Map<string, Set<string>>();
    for (const [index, { status, body }] of [...first.entries(), ...second.entries()]) {
      // A request that meets its repetition under way is asked to come again.
      expect([201, 409]).toContain(status);
      if (status === 201) {
        ids.set(keyOf(index), (ids.get(keyOf(index)) ?? new Set()).add(body.id));
      }
    }
    expect(second.map(({ status }) => status)).toEqual(Array(40).fill(201));
    expect([...ids.values()].map(({ size }) => size)).toEqual(Array(20).fill(1));
    expect((await rowOf(intent.id)).amount_refunded).toBe(sumOf(second) / 2);
  });

  it.each([1, 2])(
    'with one reference from both nodes, about %i payments: one is accepted, and the other learns its id',
    async (payments) => {
      const intents = await Promise.all(Array.from({ length: payments }, () => newIntent(1_000)));
      for (let round = 0; round < 5; round += 1) {
        const reference = `both-${payments}-${round}`;
        const responses = await requestAll(
          intents,
          Array(6).fill({ amount: 10, merchant_refund_ref_id: reference }),
        );
        const accepted = responses.filter(({ status }) => status === 201);
        expect(accepted).toHaveLength(1);
        for (const { status, body } of responses.filter((response) => !accepted.includes(response))) {
          expect([status, body.details]).toMatchObject([
            400,
            { field: 'merchant_refund_ref_id', constraint: 'unique', refund_id: accepted[0]?.body.id },
          ]);
        }
      }
    },
  );
});

it.each([
  ['more than was captured', 1_001],
  ['less than nothing', -1],
])('the database refuses a sum of refunds that is %s', async (_, amount) => {
  const { id } = await newIntent(1_000);
  const update = nodes[0].database.db('payment_intents').where({ id }).update({ amount_refunded: amount });
  await expect(update).rejects.toMatchObject({ constraint: 'payment_intents_amount_refunded' });
});

it('the database refuses any refund of what was not captured', async () => {
  const { id } = await nodes[0].newIntent(merchant);
  const update = nodes[0].database.db('payment_intents').where({ id }).update({ amount_refunded: 1 });
  await expect(update).rejects.toMatchObject({ constraint: 'payment_intents_amount_refunded' });
});
