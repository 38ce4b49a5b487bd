/**
 * Operators who sign in through an identity provider. The caller has verified who they are there.
 */
import { DomainError } from '../../domain/errors.ts';
import type { OidcIdentity } from '../../domain/operators/operator.ts';
import { inTransaction } from '../../store/db/query.ts';
import {
  findOperatorByOidc,
  lockAllOperators,
  setOidcIdentity,
} from '../../store/operator-accounts/operators.ts';
import type { ServiceDeps } from '../deps.ts';
import { byThemselves, recordOperatorAct } from './acts.ts';
import { takeInvitation } from './invitations.ts';
import { recordVerification, type SignInOrigin, signInOperator } from './sign-in.ts';

type Needs = Pick<ServiceDeps, 'db' | 'clock' | 'wallClock'>;

/** @returns the secret for the cookie; undefined when nobody was invited with this identity */
export async function signInByOidc(
  deps: Needs,
  identity: OidcIdentity,
  origin: SignInOrigin,
): Promise<string | undefined> {
  return inTransaction(deps.db, async (trx) => {
    const operator = await findOperatorByOidc(trx, identity);
    return operator && signInOperator(deps, trx, operator.id, 'oidc', origin);
  });
}

/**
 * Accepts an invitation: from now on the identity signs in as its operator.
 * @returns the secret for the cookie
 * @throws forbidden when the invitation or the identity was used already
 */
export async function registerByOidc(
  deps: Needs,
  invitation: { readonly hash: string; readonly operatorId: string },
  identity: OidcIdentity,
  origin: SignInOrigin,
): Promise<string> {
  const { operatorId } = invitation;
  return inTransaction(deps.db, async (trx) => {
    await lockAllOperators(trx);
    await takeInvitation(deps, trx, invitation);
    const holder = await findOperatorByOidc(trx, identity);
    if (holder && holder.id !== operatorId) {
      throw new DomainError('forbidden', 'This account belongs to another operator');
    }
    await setOidcIdentity(trx, operatorId, identity);
    const after = { oidc_issuer: identity.issuer, oidc_subject: identity.subject };
    const act = byThemselves(operatorId, origin);
    await recordOperatorAct(deps, trx, act, 'operator.changed', operatorId, { after });
    return signInOperator(deps, trx, operatorId, 'oidc', origin);
  });
}

/** @throws forbidden when it is not the operator of the session who proved their identity */
export async function verifyByOidc(
  deps: Needs,
  session: { readonly hash: string; readonly operatorId: string },
  identity: OidcIdentity,
  origin: SignInOrigin,
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const operator = await findOperatorByOidc(trx, identity);
    if (operator?.id !== session.operatorId) {
      throw new DomainError('forbidden', 'This is not the account that you are signed in with');
    }
    await recordVerification(deps, trx, session, origin);
  });
}
