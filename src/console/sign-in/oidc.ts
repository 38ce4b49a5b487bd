/**
 * Signing in through an identity provider with OpenID Connect: authorization code with PKCE, state and nonce. The library is loaded
 * and the provider discovered when somebody first uses it.
 */
import type * as Oidc from 'openid-client';
import type { OidcIdentity } from '../../domain/operators/operator.ts';
import { createChallenge, useChallenge } from '../../services/operator-accounts/challenges.ts';
import type { KeptForm } from '../../web/console/pages/verify.ts';
import type { ConsoleDeps } from '../call.ts';
import type { OidcOptions } from '../options.ts';
import { ConsoleRefusal } from '../refusals.ts';

/** What a sign-in that has left for the provider is for. */
export type OidcPurpose =
  | { readonly kind: 'sign_in'; readonly to: string }
  | { readonly kind: 'invitation'; readonly hash: string; readonly operatorId: string }
  | { readonly kind: 'verify'; readonly hash: string; readonly operatorId: string; readonly form: KeptForm };

/** Why it did not succeed; the texts of the sign-in say it in words. */
export type OidcProblem = 'oidcFailed' | 'oidcUnknown' | 'oidcAway';

export class OidcRefusal extends Error {
  readonly problem: OidcProblem;

  constructor(problem: OidcProblem, cause?: unknown) {
    super(problem, { cause });
    this.name = 'OidcRefusal';
    this.problem = problem;
  }
}

interface Flow {
  readonly nonce: string;
  readonly verifier: string;
  readonly purpose: OidcPurpose;
}

interface Client {
  readonly oidc: typeof Oidc;
  readonly provider: Oidc.Configuration;
}

export const OIDC_CALLBACK = '/sign-in/oidc/callback';
/** For each request to the provider. */
const TIMEOUT_SECONDS = 5;
/** A proof of identity is one if the provider asked for it within this time. */
const FRESH_SECONDS = 300;
/** The specification allows no longer ones. */
const MAX_SUBJECT = 255;

/** What the database keeps of a flow at most. */
const MAX_FLOW = 65_536;

/** One for each provider, kept once it was discovered. */
const clients = new WeakMap<OidcOptions, Promise<Client>>();

/** @returns where the browser goes, and the state that binds it to what comes back. @throws OidcRefusal, and ConsoleRefusal for too much to keep */
export async function startOidcFlow(
  deps: ConsoleDeps,
  purpose: OidcPurpose,
): Promise<{ readonly url: string; readonly state: string }> {
  const { oidc, provider } = await clientOf(deps);
  const verifier = oidc.randomPKCECodeVerifier();
  const nonce = oidc.randomNonce();
  const flow: Flow = { nonce, verifier, purpose };
  const data = JSON.stringify(flow);
  if (data.length > MAX_FLOW) {
    throw new ConsoleRefusal(413, 'tooLarge');
  }
  const state = await createChallenge(deps, 'oidc', { data });
  const url = oidc.buildAuthorizationUrl(provider, {
    redirect_uri: `${deps.options.url}${OIDC_CALLBACK}`,
    scope: 'openid',
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(purpose.kind === 'verify' && { prompt: 'login', max_age: '0' }),
  });
  return { url: url.href, state };
}

/**
 * Who came back from the provider, and for what.
 * @param target path and query of the callback
 * @param ownState the state in the cookie of this browser
 * @throws OidcRefusal
 */
export async function finishOidcFlow(
  deps: ConsoleDeps,
  target: string,
  ownState: string | undefined,
): Promise<{ readonly identity: OidcIdentity; readonly purpose: OidcPurpose }> {
  const url = new URL(target, deps.options.url);
  const state = url.searchParams.get('state') ?? '';
  const taken = state === ownState ? await useChallenge(deps, 'oidc', state) : undefined;
  if (taken?.data === undefined) {
    throw new OidcRefusal('oidcFailed');
  }
  const { nonce, verifier, purpose } = JSON.parse(taken.data) as Flow;
  const { oidc, provider } = await clientOf(deps);
  try {
    const tokens = await oidc.authorizationCodeGrant(provider, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      ...(purpose.kind === 'verify' && { maxAge: FRESH_SECONDS }),
    });
    return { identity: identityOf(tokens.claims()), purpose };
  } catch (error) {
    // Only codes, because what the errors contain beside them may be secret.
    const { code, error: reason } = error as { readonly code?: unknown; readonly error?: unknown };
    deps.log.warn({ code, reason }, 'a sign-in at the identity provider failed');
    throw new OidcRefusal('oidcFailed', error);
  }
}

function identityOf(claims: Oidc.IDToken | undefined): OidcIdentity {
  if (!claims || claims.sub.length > MAX_SUBJECT) {
    throw new OidcRefusal('oidcFailed');
  }
  return { issuer: claims.iss, subject: claims.sub };
}

async function clientOf({ options, log }: ConsoleDeps): Promise<Client> {
  const { oidc: settings } = options;
  if (!settings) {
    throw new OidcRefusal('oidcFailed');
  }
  const opened = clients.get(settings) ?? openClient(settings);
  clients.set(settings, opened);
  try {
    return await opened;
  } catch (error) {
    // The next sign-in tries again.
    clients.delete(settings);
    log.warn({ err: error, issuer: settings.issuer }, 'the identity provider could not be discovered');
    throw new OidcRefusal('oidcAway', error);
  }
}

async function openClient({ issuer, clientId, clientSecret }: OidcOptions): Promise<Client> {
  const oidc = await import('openid-client');
  const url = new URL(issuer);
  const provider = await oidc.discovery(
    url,
    clientId,
    undefined,
    clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
    {
      timeout: TIMEOUT_SECONDS,
      // The configuration accepts http:// for loopback only.
      ...(url.protocol === 'http:' && { execute: [oidc.allowInsecureRequests] }),
    },
  );
  return { oidc, provider };
}
