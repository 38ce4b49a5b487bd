/**
 * The operator of the demo, whom a start with the sandbox signs in by a link.
 */
import type { Operator } from '../../domain/operators/operator.ts';
import { newId } from '../../lib/ids.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import {
  findDemoOperator,
  insertOperator,
  lockAllOperators,
} from '../../store/operator-accounts/operators.ts';
import type { ServiceDeps } from '../deps.ts';
import { createInvitation, findOpenInvitation, type OpenInvitation, takeInvitation } from './invitations.ts';
import { type SignInOrigin, signInOperator } from './sign-in.ts';

type Needs = Pick<ServiceDeps, 'db' | 'clock' | 'wallClock' | 'isSandbox'>;

/** A path of the console that signs in as the demo operator, once; undefined unless payments are simulated. */
export async function createDemoLink(deps: Needs): Promise<string | undefined> {
  if (!deps.isSandbox) {
    return undefined;
  }
  return inTransaction(deps.db, async (trx) => {
    await lockAllOperators(trx);
    const operator = (await findDemoOperator(trx)) ?? (await insertDemoOperator(deps, trx));
    const { token } = await createInvitation(deps, trx, operator.id);
    return `/demo/${token}`;
  });
}

async function insertDemoOperator({ wallClock }: Needs, trx: Db): Promise<Operator> {
  const createdAt = wallClock.now();
  const unlimited = { merchantId: undefined, storeId: undefined, maxRefundAmount: undefined };
  const operator: Operator = {
    id: newId('op', createdAt),
    name: 'Demo',
    grants: [{ role: 'admin', ...unlimited }],
    isDemo: true,
    createdAt,
    disabledAt: undefined,
  };
  await insertOperator(trx, operator);
  return operator;
}

/** Undefined when the link was used or has expired, and wherever payments are not simulated. */
export async function findDemoLink(deps: Needs, token: string): Promise<OpenInvitation | undefined> {
  const found = deps.isSandbox ? await findOpenInvitation(deps, token) : undefined;
  return found?.operator.isDemo ? found : undefined;
}

/** @returns the secret for the cookie */
export async function signInByDemoLink(
  deps: Needs,
  { invitation, operator }: OpenInvitation,
  origin: SignInOrigin,
): Promise<string> {
  return inTransaction(deps.db, async (trx) => {
    await takeInvitation(deps, trx, invitation);
    return signInOperator(deps, trx, operator.id, 'demo', origin);
  });
}
