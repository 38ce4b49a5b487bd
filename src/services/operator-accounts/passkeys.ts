/**
 * The passkeys of an operator: adding, using, removing. What a browser sent has been verified by the caller.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Passkey } from '../../domain/operators/operator.ts';
import { sha256Hex } from '../../lib/hash.ts';
import { storableText } from '../../lib/text.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import { findOperator, keepOperator, lockOperator } from '../../store/operator-accounts/operators.ts';
import {
  deletePasskey,
  insertPasskey,
  listPasskeys,
  usePasskey,
} from '../../store/operator-accounts/passkeys.ts';
import type { ServiceDeps } from '../deps.ts';
import { type ActOrigin, byThemselves, recordOperatorAct } from './acts.ts';

/** More than anybody has devices. */
const MAX_PASSKEYS = 20;

type Needs = Pick<ServiceDeps, 'db' | 'clock' | 'wallClock'>;
export type NewPasskey = Omit<Passkey, 'createdAt' | 'lastUsedAt'>;

/** Adds a passkey within the caller's transaction. @throws invalid_request when it is there already, or there are too many */
export async function addPasskey(
  deps: Needs,
  trx: Db,
  passkey: NewPasskey,
  origin: ActOrigin,
): Promise<void> {
  const { operatorId } = passkey;
  await lockOperator(trx, operatorId);
  if ((await listPasskeys(trx, operatorId)).length >= MAX_PASSKEYS) {
    throw new DomainError('invalid_request', `An operator has at most ${MAX_PASSKEYS} passkeys`);
  }
  const row = {
    ...passkey,
    label: storableText(passkey.label),
    createdAt: deps.wallClock.now(),
    lastUsedAt: undefined,
  };
  if (!(await insertPasskey(trx, row))) {
    throw new DomainError('invalid_request', 'This passkey is registered already');
  }
  const after = { passkey: fingerprint(passkey.id), label: passkey.label };
  await recordOperatorAct(deps, trx, byThemselves(operatorId, origin), 'passkey.added', operatorId, {
    after,
  });
}

/**
 * Records a use, within the caller's transaction, in which the operator cannot change.
 * @throws forbidden when the passkey counts and has not counted on: then a copy of it exists
 */
export async function recordPasskeyUse(
  { wallClock }: Needs,
  trx: Db,
  { id, operatorId }: Pick<Passkey, 'id' | 'operatorId'>,
  counter: number,
): Promise<void> {
  await keepOperator(trx, operatorId);
  if (!(await usePasskey(trx, id, counter, wallClock.now()))) {
    throw new DomainError('forbidden', 'This passkey seems to be a copy of another one');
  }
}

/** @throws not_found when the operator has no such passkey; invalid_request when they could not sign in without it */
export async function removePasskey(
  deps: Needs,
  operatorId: string,
  id: string,
  origin: ActOrigin,
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    await lockOperator(trx, operatorId);
    const operator = await findOperator(trx, operatorId);
    const passkey = (await listPasskeys(trx, operatorId)).find((own) => own.id === id);
    if (!operator || !passkey) {
      throw new DomainError('not_found', 'There is no such passkey');
    }
    if (operator.passkeys === 1 && !operator.hasOidc) {
      throw new DomainError('invalid_request', 'The last passkey cannot be removed; add another one first', {
        details: { constraint: 'last_passkey' },
      });
    }
    await deletePasskey(trx, id);
    const before = { passkey: fingerprint(id), label: passkey.label };
    const act = byThemselves(operatorId, origin);
    await recordOperatorAct(deps, trx, act, 'passkey.removed', operatorId, { before });
  });
}

function fingerprint(id: string): string {
  return sha256Hex(id).slice(0, 16);
}
