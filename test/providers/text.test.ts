import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createPayPayProvider } from '../../src/providers/paypay/index.ts';
import { fitText } from '../../src/providers/paypay/text.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { startTestGateway } from '../support/gateway.ts';
import { silentLog } from '../support/silent-log.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const A = 'あ';
const FAMILY = '👨‍👩‍👧‍👦';
const FLAG = '🇯🇵';
const ACCENTED = 'e\u0301\u0323';

describe('text for PayPay is cut between the characters that people see', () => {
  it.each([
    ['🍣 that does not fit', `${A.repeat(254)}🍣`, A.repeat(254)],
    ['🍣 that just fits', `${A.repeat(253)}🍣${A}`, `${A.repeat(253)}🍣`],
    ['𠮷 only', '𠮷'.repeat(200), '𠮷'.repeat(127)],
    ['a flag', A.repeat(253) + FLAG, A.repeat(253)],
    ['flags only', FLAG.repeat(70), FLAG.repeat(63)],
    ['a family', A.repeat(250) + FAMILY, A.repeat(250)],
    ['combining marks', A.repeat(253) + ACCENTED, A.repeat(253)],
    ['a voiced kana of two characters', `${A.repeat(254)}か\u3099`, A.repeat(254)],
    ['a line end', `${A.repeat(254)}\r\n`, A.repeat(254)],
    ['exactly 255', A.repeat(255), A.repeat(255)],
    ['one character that is too long by itself', `e${'\u0301'.repeat(300)}`, undefined],
  ])('%s', (_, text, expected) => {
    expect(fitText(text)).toBe(expected);
  });

  it('is well formed, fits and is a beginning, whatever the text', () => {
    const segmenter = new Intl.Segmenter('ja', { granularity: 'grapheme' });
    const part = fc.oneof(
      fc.constantFrom('🍣', '𠮷', FLAG, FAMILY, ACCENTED, A),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 100, maxLength: 300 }), (parts) => {
        const text = parts.join('');
        const cut = fitText(text) ?? '';
        expect(cut.length).toBeLessThanOrEqual(255);
        expect([cut.isWellFormed(), text.startsWith(cut)]).toEqual([true, true]);
        const ends = new Set([...segmenter.segment(text)].map(({ index }) => index));
        expect(cut === text || ends.has(cut.length)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('every text that is sent', () => {
  let server: ScriptedServer;
  let provider: Provider;
  const account = { merchantId: 'pp-1' };
  const requestedAt = new Date(0);
  const text = `${A.repeat(254)}🍣`;

  beforeAll(async () => {
    server = await startScriptedServer();
    provider = createPayPayProvider({
      baseUrl: server.url,
      apiKey: 'the-key',
      apiSecret: 'the-secret',
      clock: systemClock,
      log: silentLog,
      circuit: false,
      webhooks: { secret: undefined, allowedIps: [] },
    });
  });
  afterAll(async () => {
    await provider.close?.();
    await server.close();
  });

  it('is cut so: description, store, terminal, reason of a refund', async () => {
    const money = { amount: 1, currency: 'JPY' };
    const texts = { description: text, storeId: text, terminalId: text };
    await provider.codes?.createCode({ account, attemptId: 'pa_1', ...money, ...texts, requestedAt });
    const refund = { refundId: 're_1', providerPaymentId: 'p', money, reason: text };
    await provider.refunds?.createRefund({ account, ...refund, requestedAt });
    const [code, returned] = server.seen.map(({ body }) => JSON.parse(body));
    expect([code.orderDescription, code.storeId, code.terminalId, returned.reason]).toEqual(
      Array(4).fill(A.repeat(254)),
    );
  });
});

it.each([`${A.repeat(254)}🍣`, '𠮷'.repeat(200)])(
  'a description that the contract takes and PayPay has no room for does not stand in the way: %s',
  async (description) => {
    const gateway = await startTestGateway();
    try {
      const intent = await gateway.newIntent(await gateway.newMerchant(), { description });
      expect((await gateway.confirm(intent)).status).toBe(200);
      const sent = gateway.sandbox.ledger().at(-1)?.request.orderDescription ?? '';
      expect([sent.isWellFormed(), sent.length > 250]).toEqual([true, true]);
    } finally {
      await gateway.close();
    }
  },
);
