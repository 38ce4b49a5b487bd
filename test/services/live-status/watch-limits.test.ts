import { describe, expect, it } from 'vitest';
import { createWatchCounts } from '../../../src/services/live-status/watch-limits.ts';

const LIMITS = { perIntent: 3, payersPerIntent: 2, perMerchant: 5, payersPerMerchant: 4, perNode: 8 };
const payerOf = (merchantId: string) => ({ merchantId, apiKey: undefined });
const serverOf = (merchantId: string) => ({ merchantId, apiKey: 'ak_1' });

/** The scope of the refusal; undefined when the stream is admitted. */
function refusalOf(enter: () => unknown): unknown {
  try {
    enter();
    return undefined;
  } catch (error) {
    return (error as { details: { scope: unknown } }).details.scope;
  }
}

describe('the number of event streams', () => {
  it('leaves a merchant streams that its payers cannot use, and other merchants theirs', () => {
    const counts = createWatchCounts(LIMITS);
    for (const intent of ['a', 'a', 'b', 'b']) {
      counts.enter(intent, payerOf('m'));
    }
    expect(refusalOf(() => counts.enter('c', payerOf('m')))).toBe('merchant_streams');
    counts.enter('c', serverOf('m'));
    expect(refusalOf(() => counts.enter('d', serverOf('m')))).toBe('merchant_streams');
    counts.enter('e', payerOf('other'));
    expect(counts.total).toBe(6);
  });

  it('is limited per node, and a stream that ends makes one available', () => {
    const counts = createWatchCounts({ ...LIMITS, perNode: 2 });
    const leave = counts.enter('a', payerOf('m'));
    counts.enter('b', payerOf('n'));
    expect(refusalOf(() => counts.enter('c', serverOf('o')))).toBe('node_streams');
    leave();
    counts.enter('c', serverOf('o'));
    expect(counts.total).toBe(2);
  });

  it('does not count a stream that was refused', () => {
    const counts = createWatchCounts({ ...LIMITS, payersPerIntent: 1 });
    const leave = counts.enter('a', payerOf('m'));
    expect(refusalOf(() => counts.enter('a', payerOf('m')))).toBe('payment_intent_streams');
    leave();
    counts.enter('a', payerOf('m'));
    expect(counts.total).toBe(1);
  });
});
