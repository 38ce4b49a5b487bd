/**
 * Signing in by a passkey, by the demo's link, or by an invitation, which registers a passkey first.
 */
import { findDemoLink, signInByDemoLink } from '../../services/operator-accounts/demo-operator.ts';
import { findOpenInvitation, takeInvitation } from '../../services/operator-accounts/invitations.ts';
import { addPasskey, recordPasskeyUse } from '../../services/operator-accounts/passkeys.ts';
import { signInOperator } from '../../services/operator-accounts/sign-in.ts';
import { inTransaction } from '../../store/db/query.ts';
import { browserName } from '../../web/console/browser-name.ts';
import { renderDemoOverPage, renderDemoPage } from '../../web/console/pages/sign-in/demo.ts';
import {
  renderInvitationOverPage,
  renderInvitationPage,
} from '../../web/console/pages/sign-in/invitation.ts';
import { renderSignInPage } from '../../web/console/pages/sign-in/sign-in.ts';
import type { ConsoleDeps, Handlers } from '../call.ts';
import { localPath } from '../forms.ts';
import { answerScript, originOf, sessionCookie } from '../sign-in/answers.ts';
import {
  creationOptions,
  PasskeyRefusal,
  requestOptions,
  verifyAssertion,
  verifyCreation,
} from '../sign-in/passkeys.ts';

/** Of a link that is no longer valid. */
const GONE = 410;

export const signInHandlers: Pick<
  Handlers,
  | 'showSignIn'
  | 'startSignIn'
  | 'signIn'
  | 'showDemoLink'
  | 'signInByDemoLink'
  | 'showInvitation'
  | 'startRegistration'
  | 'register'
> = {
  showSignIn({ options }, { signedIn, query, language }) {
    const to = localPath(query.get('to'));
    const view = { to, hasOidc: options.oidc !== undefined, wasFormLost: query.has('unsent') };
    return signedIn ? { kind: 'redirect', to } : { kind: 'page', page: renderSignInPage(view, language) };
  },

  async startSignIn(deps) {
    return { kind: 'json', json: await requestOptions(deps, 'sign_in') };
  },

  signIn(deps, call) {
    return answerScript(call.language, async () => {
      const { passkey, counter } = await verifyAssertion(deps, call.json, 'sign_in');
      const secret = await inTransaction(deps.db, async (trx) => {
        await recordPasskeyUse(deps, trx, passkey, counter);
        return signInOperator(deps, trx, passkey.operatorId, 'passkey', originOf(call));
      });
      return { kind: 'json', json: { to: returnPath(call.json) }, cookies: [sessionCookie(secret)] };
    });
  },

  async showDemoLink(deps, { params, language }) {
    return (await findDemoLink(deps, params.token))
      ? { kind: 'page', page: renderDemoPage(params.token, language) }
      : { kind: 'page', status: GONE, page: renderDemoOverPage(language) };
  },

  async signInByDemoLink(deps, call) {
    const link = await findDemoLink(deps, call.params.token);
    if (!link) {
      return { kind: 'page', status: GONE, page: renderDemoOverPage(call.language) };
    }
    const secret = await signInByDemoLink(deps, link, originOf(call));
    return { kind: 'redirect', to: '/', cookies: [sessionCookie(secret)] };
  },

  async showInvitation(deps, { params: { token }, language }) {
    const found = await findInvitationOf(deps, token);
    const hasOidc = deps.options.oidc !== undefined;
    return found
      ? {
          kind: 'page',
          page: renderInvitationPage({ token, operator: found.operator, hasOidc }, language),
        }
      : { kind: 'page', status: GONE, page: renderInvitationOverPage(language) };
  },

  startRegistration(deps, { params, language }) {
    return answerScript(language, async () => {
      const { operator, invitation } = await getInvitationOf(deps, params.token);
      return { kind: 'json', json: await creationOptions(deps, operator, invitation.hash) };
    });
  },

  register(deps, call) {
    return answerScript(call.language, async () => {
      const { operator, invitation } = await getInvitationOf(deps, call.params.token);
      const passkey = await verifyCreation(deps, call.json, {
        operatorId: operator.id,
        boundTo: invitation.hash,
        label: browserName(call.userAgent),
      });
      const secret = await inTransaction(deps.db, async (trx) => {
        await takeInvitation(deps, trx, invitation);
        await addPasskey(deps, trx, passkey, call);
        return signInOperator(deps, trx, operator.id, 'passkey', originOf(call));
      });
      return { kind: 'json', json: { to: '/' }, cookies: [sessionCookie(secret)] };
    });
  },
};

/** The demo operator has a link of another kind, and no passkey. */
async function findInvitationOf(deps: ConsoleDeps, token: string) {
  const found = await findOpenInvitation(deps, token);
  return found?.operator.isDemo ? undefined : found;
}

async function getInvitationOf(deps: ConsoleDeps, token: string) {
  const found = await findInvitationOf(deps, token);
  if (!found) {
    throw new PasskeyRefusal('expired');
  }
  return found;
}

function returnPath(json: unknown): string {
  const { to } = json as { readonly to?: unknown };
  return localPath(typeof to === 'string' ? to : null);
}
