import { describe, expect, it } from 'vitest';
import { movedClock } from '../../src/lib/clock.ts';
import { createCircuit } from '../../src/providers/paypay/circuit.ts';
import type { PayPayCall, PayPayResponse } from '../../src/providers/paypay/transport.ts';
import { createTestClock } from '../support/clock.ts';

const OPTIONS = { failures: 8, openMs: 5_000 };

function answer(httpStatus: number): PayPayResponse {
  return {
    kind: 'answer',
    httpStatus,
    code: undefined,
    codeId: undefined,
    data: undefined,
    retryAfterMs: undefined,
    requestId: undefined,
    answeredAt: undefined,
  };
}

/** A circuit around a PayPay that answers as `statusFor` says. */
function open(statusFor: (merchantId: string) => number) {
  const clock = createTestClock();
  let stepMs = 0;
  const sent: string[] = [];
  const { send, state } = createCircuit(
    async ({ merchantId }: PayPayCall) => {
      sent.push(merchantId);
      return answer(statusFor(merchantId));
    },
    movedClock(clock, () => stepMs),
    OPTIONS,
  );
  return {
    sent,
    state,
    clock,
    step: (ms: number) => {
      stepMs += ms;
    },
    call: (merchantId: string) =>
      send({
        operation: 'paymentDetails',
        objectId: 'x',
        method: 'GET',
        path: '/v2/codes/payments/x',
        merchantId,
      }),
    async callTimes(times: number, merchantId: string) {
      for (let index = 0; index < times; index += 1) {
        await this.call(merchantId);
      }
    },
  };
}

describe('the circuit', () => {
  it('of one merchant opens after failures of that merchant and does not affect the others', async () => {
    const circuit = open((merchantId) => (merchantId === 'a' ? 500 : 200));
    await circuit.callTimes(100, 'a');
    expect(circuit.sent.length).toBe(OPTIONS.failures);
    expect((await circuit.call('b')).kind).toBe('answer');
    expect((await circuit.call('a')).kind).toBe('not_sent');
  });

  it('does not open for everybody because of two merchants, whatever they do', async () => {
    const circuit = open((merchantId) => (merchantId === 'a' || merchantId === 'b' ? 500 : 200));
    await circuit.callTimes(100, 'a');
    await circuit.callTimes(100, 'b');
    expect((await circuit.call('c')).kind).toBe('answer');
  });

  it('opens for everybody when several merchants fail in a row', async () => {
    const circuit = open(() => 500);
    for (const merchantId of ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b']) {
      expect((await circuit.call(merchantId)).kind).toBe('answer');
    }
    expect((await circuit.call('d')).kind).toBe('not_sent');
  });

  it('lets one call through after a pause, and closes when that succeeds', async () => {
    let status = 500;
    const circuit = open(() => status);
    await circuit.callTimes(20, 'a');
    await circuit.clock.advance(OPTIONS.openMs);
    await circuit.callTimes(20, 'a');
    expect(circuit.sent.length).toBe(OPTIONS.failures + 1);
    status = 200;
    await circuit.clock.advance(OPTIONS.openMs);
    await circuit.callTimes(20, 'a');
    expect(circuit.sent.length).toBe(OPTIONS.failures + 21);
  });

  it.each([-86_400_000, -3_600_000, -60_000, 60_000, 3_600_000, 86_400_000])(
    'stays open for the usual time after the wall clock was set by %i ms',
    async (stepMs) => {
      let status = 500;
      const circuit = open(() => status);
      await circuit.callTimes(20, 'a');
      circuit.step(stepMs);
      status = 200;
      expect((await circuit.call('a')).kind).toBe('not_sent');
      await circuit.clock.advance(OPTIONS.openMs);
      expect((await circuit.call('a')).kind).toBe('answer');
    },
  );

  it('says in which state it is', async () => {
    const circuit = open((merchantId) => (merchantId === 'healthy' ? 200 : 500));
    expect(circuit.state()).toEqual({ isOpen: false, openMerchants: 0, failures: 0 });
    await circuit.callTimes(8, 'a');
    expect(circuit.state()).toEqual({ isOpen: false, openMerchants: 1, failures: 8 });
    await circuit.callTimes(1, 'b');
    await circuit.callTimes(1, 'c');
    expect(circuit.state()).toEqual({ isOpen: true, openMerchants: 1, failures: 10 });
  });
});
