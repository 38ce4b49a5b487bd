import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/lib/log.ts';
import { createAnnouncer } from '../../../src/services/live-status/announce.ts';
import { cancelPaymentIntent } from '../../../src/services/operations/cancel-payment-intent.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

/** Records the bindings of every message sent from now on. */
function watchMessages(): unknown[][] {
  const sent: unknown[][] = [];
  gateway.database.db.on('query', ({ sql, bindings }: { sql: string; bindings: unknown[] }) => {
    if (sql.includes('pg_notify')) {
      sent.push(bindings);
    }
  });
  return sent;
}

describe('changes', () => {
  it('of one tick are sent in one statement, each intent once; later ones in the next', async () => {
    const sent = watchMessages();
    const { announce, flush } = createAnnouncer(gateway.deps);
    for (const id of ['a', 'b', 'a', 'c']) {
      announce(id);
    }
    await flush();
    announce('d');
    await flush();
    expect(sent.map(([, intentIds]) => intentIds)).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('that cannot be announced fail no request and are logged', async () => {
    const away = gateway.database.connect();
    await away.destroy();
    const lines: string[] = [];
    const log = createLog('warn', { write: (line) => void lines.push(line) });
    const { announce, flush } = createAnnouncer({ db: away, log });
    expect(() => announce('a')).not.toThrow();
    await flush();
    expect(lines.join()).toContain('were not announced');
    announce('b');
    await flush();
    expect(lines.length).toBe(2);
  });

  it('are announced after the commit; a read without changes is not announced', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    const announced: string[] = [];
    const deps = {
      ...gateway.deps,
      announce(intentId: string) {
        announced.push(intentId);
      },
    };
    const input = { merchantId: merchant.merchantId, intentId: intent.id, actor: 'test' };
    await cancelPaymentIntent(deps, input);
    expect(new Set(announced)).toEqual(new Set([intent.id]));
    const count = announced.length;
    await cancelPaymentIntent(deps, input);
    expect(announced.length).toBe(count);
  });
});
