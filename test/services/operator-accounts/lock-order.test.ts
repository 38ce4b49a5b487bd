/**
 * Sign-ins and changes of the same operator at the same time. Whoever waits for the audit log keeps refunds waiting as well, so they
 * must not deadlock, which would last a second.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../../src/domain/operators/grants.ts';
import { takeInvitation } from '../../../src/services/operator-accounts/invitations.ts';
import {
  disableOperator,
  inviteAgain,
  inviteOperator,
} from '../../../src/services/operator-accounts/manage.ts';
import {
  addPasskey,
  recordPasskeyUse,
  removePasskey,
} from '../../../src/services/operator-accounts/passkeys.ts';
import { signInOperator } from '../../../src/services/operator-accounts/sign-in.ts';
import { type Db, execute, inTransaction, query } from '../../../src/store/db/query.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const BY = { actor: { kind: 'command_line', id: 'test' }, reason: 'for the test' } as const;
const ORIGIN = { clientAddress: undefined, userAgent: undefined };
const VIEWER: Grant = {
  role: 'viewer',
  merchantId: undefined,
  storeId: undefined,
  maxRefundAmount: undefined,
};

const invite = () => inviteOperator(gateway.deps, BY, { name: 'New', grants: [VIEWER] });
const passkeyOf = (operatorId: string) => ({
  id: `key_${operatorId}`,
  operatorId,
  publicKey: Buffer.from('x'),
  counter: 0,
  transports: [],
  label: 'Test',
});

/**
 * Runs `first`, and has `second` begin and wait for it at the point where `first` calls `atPoint`. From there `first` may not wait for
 * `second`, which would be a deadlock.
 */
async function together(
  first: (trx: Db, atPoint: () => Promise<void>) => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<void> {
  let other: Promise<unknown> = Promise.resolve();
  await inTransaction(gateway.deps.db, (trx) =>
    first(trx, async () => {
      other = second();
      other.catch(() => undefined);
      await eventually(async () => {
        const waiting = await query(
          gateway.deps.db,
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(waiting).not.toEqual([]);
      });
      // Below the time after which the database looks for deadlocks.
      await execute(trx, "set local lock_timeout = '300ms'");
    }),
  );
  await other;
}

describe('an operator who', () => {
  it('accepts an invitation that is being replaced does not deadlock with the new one', async () => {
    const { deps } = gateway;
    const { operator, token } = await invite();
    const [invitation] = await query<{ hash: string }>(
      deps.db,
      'select hash from operator_invitations where operator_id = :id',
      { id: operator.id },
    );
    await together(
      async (trx, atPoint) => {
        await takeInvitation(deps, trx, { hash: invitation?.hash ?? token, operatorId: operator.id });
        await atPoint();
        await addPasskey(deps, trx, passkeyOf(operator.id), {});
        await signInOperator(deps, trx, operator.id, 'passkey', ORIGIN);
      },
      () => inviteAgain(deps, BY, operator.id),
    );
  });

  it('signs in with a passkey that is being removed does not deadlock with its removal', async () => {
    const { deps } = gateway;
    const { operator } = await invite();
    const passkey = passkeyOf(operator.id);
    await inTransaction(deps.db, async (trx) => {
      await addPasskey(deps, trx, passkey, {});
      await addPasskey(deps, trx, { ...passkey, id: `${passkey.id}_2` }, {});
    });
    await together(
      async (trx, atPoint) => {
        await recordPasskeyUse(deps, trx, passkey, 0);
        await atPoint();
        await signInOperator(deps, trx, operator.id, 'passkey', ORIGIN);
      },
      () => removePasskey(deps, operator.id, passkey.id, {}),
    );
  });

  it('is disabled while they sign in is signed out again', async () => {
    const { deps } = gateway;
    const { operator } = await invite();
    await together(
      async (trx, atPoint) => {
        await signInOperator(deps, trx, operator.id, 'passkey', ORIGIN);
        await atPoint();
      },
      () => disableOperator(deps, BY, operator.id),
    );
    const sessions = await query(deps.db, 'select 1 from operator_sessions where operator_id = :id', {
      id: operator.id,
    });
    expect(sessions).toEqual([]);
  });
});
