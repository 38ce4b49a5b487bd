/**
 * Signing in, accepting an invitation and proving again who one is, at an identity provider.
 */
import { DomainError } from '../../domain/errors.ts';
import type { OidcIdentity } from '../../domain/operators/operator.ts';
import { findOpenInvitation } from '../../services/operator-accounts/invitations.ts';
import { registerByOidc, signInByOidc, verifyByOidc } from '../../services/operator-accounts/oidc.ts';
import { renderInvitationOverPage } from '../../web/console/pages/sign-in/invitation.ts';
import { renderLeavingPage } from '../../web/console/pages/sign-in/moving.ts';
import { renderOidcProblemPage } from '../../web/console/pages/sign-in/sign-in.ts';
import { renderProceedPage } from '../../web/console/pages/verify.ts';
import type { Answer, Call, ConsoleDeps, CookieToSet, Handlers } from '../call.ts';
import { localPath } from '../forms.ts';
import { notFound } from '../refusals.ts';
import { originOf, sessionCookie } from '../sign-in/answers.ts';
import { finishOidcFlow, type OidcPurpose, OidcRefusal, startOidcFlow } from '../sign-in/oidc.ts';

/** Sent with the navigation from the provider's site, which the cookie of the session is not. */
const STATE_COOKIE = 'pgw_oidc';
const STATE_SECONDS = 600;
const STATUS = { oidcFailed: 400, oidcUnknown: 403, oidcAway: 503 } as const;

export const oidcHandlers: Pick<Handlers, 'startOidc' | 'startOidcVerification' | 'finishOidc'> = {
  async startOidc(deps, { form, language }) {
    const token = form.get('invitation');
    if (token === null) {
      return leave(deps, { kind: 'sign_in', to: localPath(form.get('to')) }, language);
    }
    const found = await findOpenInvitation(deps, token);
    if (!found || found.operator.isDemo) {
      return { kind: 'page', status: 410, page: renderInvitationOverPage(language) };
    }
    const { invitation, operator } = found;
    return leave(deps, { kind: 'invitation', hash: invitation.hash, operatorId: operator.id }, language);
  },

  startOidcVerification(deps, { form, signedIn: { session }, language }) {
    const kept = {
      action: localPath(form.get('action')),
      fields: [...new URLSearchParams(form.get('fields') ?? '')],
    };
    const { hash, operatorId } = session;
    return leave(deps, { kind: 'verify', hash, operatorId, form: kept }, language);
  },

  async finishOidc(deps, call) {
    const { language } = call;
    try {
      const { identity, purpose } = await finishOidcFlow(deps, call.target, call.cookie(STATE_COOKIE));
      const answer = await arrive(deps, call, identity, purpose);
      return { ...answer, cookies: [...(answer.cookies ?? []), stateCookie(undefined)] };
    } catch (error) {
      if (error instanceof OidcRefusal) {
        return problem(error, language);
      }
      if (error instanceof DomainError && error.code === 'forbidden') {
        return problem(new OidcRefusal('oidcUnknown'), language);
      }
      throw error;
    }
  },
};

/** Sends the browser to the provider. Not by a redirect: browsers let forms lead to this site only, redirects included. */
async function leave(
  deps: ConsoleDeps,
  purpose: OidcPurpose,
  language: Call<'startOidc'>['language'],
): Promise<Answer> {
  if (!deps.options.oidc) {
    throw notFound();
  }
  try {
    const { url, state } = await startOidcFlow(deps, purpose);
    return {
      kind: 'page',
      page: renderLeavingPage(url, language),
      refreshTo: url,
      cookies: [stateCookie(state)],
    };
  } catch (error) {
    if (error instanceof OidcRefusal) {
      return problem(error, language);
    }
    throw error;
  }
}

async function arrive(
  deps: ConsoleDeps,
  call: Call<'finishOidc'>,
  identity: OidcIdentity,
  purpose: OidcPurpose,
): Promise<Answer> {
  const origin = originOf(call);
  switch (purpose.kind) {
    case 'sign_in': {
      const secret = await signInByOidc(deps, identity, origin);
      if (secret === undefined) {
        throw new OidcRefusal('oidcUnknown');
      }
      return { kind: 'redirect', to: purpose.to, cookies: [sessionCookie(secret)] };
    }
    case 'invitation': {
      const secret = await registerByOidc(deps, purpose, identity, origin);
      return { kind: 'redirect', to: '/', cookies: [sessionCookie(secret)] };
    }
    case 'verify':
      await verifyByOidc(deps, purpose, identity, origin);
      return { kind: 'page', page: renderProceedPage(purpose.form, call.language) };
  }
}

function problem({ problem: name }: OidcRefusal, language: Call<'finishOidc'>['language']): Answer {
  return { kind: 'page', status: STATUS[name], page: renderOidcProblemPage(name, language) };
}

function stateCookie(state: string | undefined): CookieToSet {
  return { name: STATE_COOKIE, value: state, sameSite: 'lax', maxAgeSeconds: STATE_SECONDS };
}
