/**
 * Managing operators: inviting, changing their grants, disabling. Nobody gives what they do not have, changes somebody who has more,
 * or changes themselves; and somebody can always administer the whole gateway.
 */
import { DomainError, invalidField } from '../../domain/errors.ts';
import { type Grant, mayGrant } from '../../domain/operators/grants.ts';
import { isSameGrant, isUnlimitedAdmin, mayManage } from '../../domain/operators/manage.ts';
import type { OperatorRecord } from '../../domain/operators/operator.ts';
import { newId } from '../../lib/ids.ts';
import { storableText } from '../../lib/text.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import { deleteInvitationsOf } from '../../store/operator-accounts/invitations.ts';
import {
  countOperators,
  countOtherAdmins,
  findOperator,
  insertOperator,
  lockAllOperators,
  replaceGrants,
  setDisabledAt,
} from '../../store/operator-accounts/operators.ts';
import { deleteSessionsOf } from '../../store/operator-accounts/sessions.ts';
import type { ServiceDeps } from '../deps.ts';
import { grantsJson, type OperatorAct, recordOperatorAct } from './acts.ts';
import { checkGrants } from './check-grants.ts';
import { createInvitation } from './invitations.ts';

/** Enough for every till of a chain; the list is read by people. */
const MAX_OPERATORS = 2_000;
const MAX_NAME = 100;
/** Of the command line, which whoever runs the gateway uses. */
const EVERYTHING: readonly Grant[] = [
  { role: 'admin', merchantId: undefined, storeId: undefined, maxRefundAmount: undefined },
];

export type OperatorDeps = Pick<ServiceDeps, 'db' | 'clock' | 'wallClock'>;

export interface Invited {
  readonly operator: OperatorRecord;
  /** The secret of the link, which cannot be read again. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** @throws invalid_request, or forbidden when the actor may not give one of the grants */
export function inviteOperator(
  deps: OperatorDeps,
  act: OperatorAct,
  { name: given, grants }: { readonly name: string; readonly grants: readonly Grant[] },
): Promise<Invited> {
  const name = storableText(given.trim());
  if (name.length === 0 || name.length > MAX_NAME) {
    throw invalidField('name', 'max_length', `The name must have 1 to ${MAX_NAME} characters`);
  }
  return changeOperators(deps, act, async (trx, own) => {
    requireGrantable(own, grants);
    await checkGrants(trx, grants);
    if ((await countOperators(trx)) >= MAX_OPERATORS) {
      throw new DomainError('invalid_request', `There are at most ${MAX_OPERATORS} operators`, {
        details: { constraint: 'too_many' },
      });
    }
    const createdAt = deps.wallClock.now();
    const id = newId('op', createdAt);
    await insertOperator(trx, { id, name, grants, isDemo: false, createdAt, disabledAt: undefined });
    const invitation = await createInvitation(deps, trx, id);
    const operator = await getOperator(trx, id);
    const after = { name, grants: grantsJson(grants) };
    await recordOperatorAct(deps, trx, act, 'operator.invited', id, { after });
    return { operator, ...invitation };
  });
}

/** A new link for an operator, who keeps their passkeys. @throws not_found, forbidden, or invalid_request when disabled */
export function inviteAgain(deps: OperatorDeps, act: OperatorAct, id: string): Promise<Invited> {
  return changeOperators(deps, act, async (trx, own) => {
    const operator = await getManaged(trx, act, own, id);
    if (operator.disabledAt) {
      throw new DomainError('invalid_request', 'This operator is disabled; enable them first', {
        details: { constraint: 'disabled' },
      });
    }
    const invitation = await createInvitation(deps, trx, id);
    await recordOperatorAct(deps, trx, act, 'operator.invited', id);
    return { operator, ...invitation };
  });
}

/**
 * Replaces all grants of an operator, and ends their open invitation; takes effect with their next request.
 * @throws as `inviteOperator`
 */
export function changeGrants(
  deps: OperatorDeps,
  act: OperatorAct,
  id: string,
  grants: readonly Grant[],
): Promise<void> {
  return changeOperators(deps, act, async (trx, own) => {
    const operator = await getManaged(trx, act, own, id);
    requireGrantable(own, grants);
    await checkGrants(trx, grants);
    if (!isUnlimitedAdmin(grants)) {
      await requireOtherAdmin(trx, operator);
    }
    const isSame =
      grants.length === operator.grants.length &&
      grants.every((grant) => operator.grants.some((held) => isSameGrant(grant, held)));
    if (isSame) {
      return;
    }
    await replaceGrants(trx, id, grants);
    // A link made by somebody who could give the earlier grants must not lead to these.
    await deleteInvitationsOf(trx, id);
    const change = { before: grantsJson(operator.grants), after: grantsJson(grants) };
    await recordOperatorAct(deps, trx, act, 'operator.changed', id, change);
  });
}

/** Ends all sessions and open invitations too. @returns whether the operator was enabled before */
export function disableOperator(deps: OperatorDeps, act: OperatorAct, id: string): Promise<boolean> {
  return changeOperators(deps, act, async (trx, own) => {
    const operator = await getManaged(trx, act, own, id);
    if (operator.disabledAt) {
      return false;
    }
    await requireOtherAdmin(trx, operator);
    await setDisabledAt(trx, id, deps.wallClock.now());
    await deleteInvitationsOf(trx, id);
    const sessions = await deleteSessionsOf(trx, id);
    await recordOperatorAct(deps, trx, act, 'operator.disabled', id, { after: { ended_sessions: sessions } });
    return true;
  });
}

/** @returns whether the operator was disabled before */
export function enableOperator(deps: OperatorDeps, act: OperatorAct, id: string): Promise<boolean> {
  return changeOperators(deps, act, async (trx, own) => {
    const operator = await getManaged(trx, act, own, id);
    if (!operator.disabledAt) {
      return false;
    }
    await setDisabledAt(trx, id, undefined);
    await recordOperatorAct(deps, trx, act, 'operator.enabled', id);
    return true;
  });
}

/** @returns how many sessions were ended */
export function endSessionsOf(deps: OperatorDeps, act: OperatorAct, id: string): Promise<number> {
  return changeOperators(deps, act, async (trx, own) => {
    await getManaged(trx, act, own, id);
    const sessions = await deleteSessionsOf(trx, id);
    if (sessions > 0) {
      await recordOperatorAct(deps, trx, act, 'session.ended', id, { before: { sessions } });
    }
    return sessions;
  });
}

/** One change at a time, decided on what everybody has at that moment. @param work receives what the actor has */
function changeOperators<T>(
  { db }: OperatorDeps,
  { actor }: OperatorAct,
  work: (trx: Db, own: readonly Grant[]) => Promise<T>,
): Promise<T> {
  return inTransaction(db, async (trx) => {
    await lockAllOperators(trx);
    if (actor.kind !== 'operator') {
      return work(trx, EVERYTHING);
    }
    const self = await findOperator(trx, actor.id);
    return work(trx, self && !self.disabledAt ? self.grants : []);
  });
}

async function getOperator(trx: Db, id: string): Promise<OperatorRecord> {
  const operator = await findOperator(trx, id);
  if (!operator) {
    throw new DomainError('not_found', `There is no operator ${id}`);
  }
  return operator;
}

async function getManaged(
  trx: Db,
  { actor }: OperatorAct,
  own: readonly Grant[],
  id: string,
): Promise<OperatorRecord> {
  const operator = await getOperator(trx, id);
  if (operator.isDemo) {
    throw new DomainError('forbidden', 'The operator of the demo cannot be changed', {
      details: { constraint: 'demo' },
    });
  }
  if (actor.kind === 'operator' && actor.id === id) {
    throw new DomainError('forbidden', 'Nobody changes what they may do themselves', {
      details: { constraint: 'oneself' },
    });
  }
  if (!mayManage(own, operator.grants)) {
    throw new DomainError('forbidden', 'This operator may do something that you may not', {
      details: { constraint: 'may_do_more' },
    });
  }
  return operator;
}

function requireGrantable(own: readonly Grant[], grants: readonly Grant[]): void {
  if (!grants.every((grant) => mayGrant(own, grant))) {
    throw new DomainError('forbidden', 'You can only give what you may do yourself, where you may do it', {
      details: { constraint: 'not_yours' },
    });
  }
}

/** @throws invalid_request when nobody else could administer the whole gateway */
async function requireOtherAdmin(trx: Db, operator: OperatorRecord): Promise<void> {
  const { id, grants, disabledAt, passkeys, hasOidc } = operator;
  const isOne = !disabledAt && (passkeys > 0 || hasOidc) && isUnlimitedAdmin(grants);
  if (isOne && (await countOtherAdmins(trx, id)) === 0) {
    throw new DomainError('invalid_request', 'This is the last administrator of the whole gateway', {
      details: { constraint: 'last_administrator' },
    });
  }
}
