/**
 * An operator's own account, signing out, and proving again who one is.
 */
import { DomainError } from '../../domain/errors.ts';
import { byThemselves } from '../../services/operator-accounts/acts.ts';
import { addPasskey, recordPasskeyUse, removePasskey } from '../../services/operator-accounts/passkeys.ts';
import { listOpenSessions, type SignedIn } from '../../services/operator-accounts/sessions.ts';
import {
  endSession,
  endSessions,
  recordVerification,
  signOut,
} from '../../services/operator-accounts/sign-in.ts';
import { inTransaction } from '../../store/db/query.ts';
import { listPasskeys } from '../../store/operator-accounts/passkeys.ts';
import { browserName } from '../../web/console/browser-name.ts';
import { renderAccountPage } from '../../web/console/pages/account/account.ts';
import type { Language } from '../../web/console/texts/language.ts';
import { operatorProblem } from '../../web/console/texts/operator-problems.ts';
import { type AccountDone, accountTexts } from '../../web/console/texts/operators.ts';
import type { Answer, ConsoleDeps, Handlers } from '../call.ts';
import { doneOf } from '../forms.ts';
import { answerScript, sessionCookie } from '../sign-in/answers.ts';
import {
  creationOptions,
  PasskeyRefusal,
  requestOptions,
  verifyAssertion,
  verifyCreation,
} from '../sign-in/passkeys.ts';

export const accountHandlers: Pick<
  Handlers,
  | 'showAccount'
  | 'startAddingPasskey'
  | 'addPasskey'
  | 'removePasskey'
  | 'endOwnSession'
  | 'endOtherSessions'
  | 'signOut'
  | 'startVerification'
  | 'verify'
> = {
  showAccount(deps, { signedIn, query, language }) {
    const done = doneOf(query, accountTexts(language).done);
    return accountPage(deps, signedIn, language, { done });
  },

  async startAddingPasskey(deps, { signedIn: { operator, session } }) {
    return { kind: 'json', json: await creationOptions(deps, operator, session.hash) };
  },

  addPasskey(deps, call) {
    const { operator, session } = call.signedIn;
    return answerScript(call.language, async () => {
      const passkey = await verifyCreation(deps, call.json, {
        operatorId: operator.id,
        boundTo: session.hash,
        label: browserName(call.userAgent),
      });
      await inTransaction(deps.db, (trx) => addPasskey(deps, trx, passkey, call));
      return { kind: 'json', json: { to: '/account?done=passkey_added' } };
    });
  },

  async removePasskey(deps, call) {
    try {
      await removePasskey(deps, call.signedIn.operator.id, call.params.passkeyId, call);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'not_found') {
        throw error;
      }
      return accountPage(deps, call.signedIn, call.language, {
        problem: operatorProblem(error, call.language),
      });
    }
    return { kind: 'redirect', to: '/account?done=passkey_removed' };
  },

  async endOwnSession(deps, call) {
    const { id } = call.signedIn.operator;
    await endSession(deps, byThemselves(id, call), id, call.params.hash);
    return { kind: 'redirect', to: '/account?done=session_ended' };
  },

  async endOtherSessions(deps, call) {
    const { operator, session } = call.signedIn;
    await endSessions(deps, byThemselves(operator.id, call), operator.id, session.hash);
    return { kind: 'redirect', to: '/account?done=sessions_ended' };
  },

  async signOut(deps, call) {
    await signOut(deps, call.signedIn, call);
    return { kind: 'redirect', to: '/sign-in', cookies: [sessionCookie(undefined)] };
  },

  async startVerification(deps, { signedIn: { session } }) {
    return { kind: 'json', json: await requestOptions(deps, 'verify', session) };
  },

  verify(deps, call) {
    const { operator, session } = call.signedIn;
    return answerScript(call.language, async () => {
      const { passkey, counter } = await verifyAssertion(deps, call.json, 'verify', session.hash);
      if (passkey.operatorId !== operator.id) {
        throw new PasskeyRefusal('unknown');
      }
      await inTransaction(deps.db, async (trx) => {
        await recordPasskeyUse(deps, trx, passkey, counter);
        await recordVerification(deps, trx, session, call);
      });
      return { kind: 'json', json: { to: '/account' } };
    });
  },
};

async function accountPage(
  deps: ConsoleDeps,
  { operator, session }: SignedIn,
  language: Language,
  outcome: { readonly done?: AccountDone | undefined; readonly problem?: string },
): Promise<Answer> {
  const [passkeys, sessions] = [
    await listPasskeys(deps.db, operator.id),
    await listOpenSessions(deps, operator.id),
  ];
  const view = { operator, passkeys, sessions, current: session.hash, ...outcome };
  const status = outcome.problem === undefined ? 200 : 400;
  return { kind: 'page', status, page: renderAccountPage(view, language) };
}
