/**
 * A small OpenID Connect provider for tests: it signs in whoever the test says without asking, and checks client, redirect URI and
 * PKCE as a real one does.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is signed in at the provider. */
  subject: string;
  /** What is wrong with the next ID token; undefined: nothing. */
  tokenFault: Readonly<Record<string, unknown>> | undefined;
  /** How long ago the subject entered their password. */
  authAgeSeconds: number;
  /** The parameters of the last authorization request. */
  readonly asked: () => URLSearchParams;
  close(): Promise<void>;
}

interface Grant {
  readonly request: URLSearchParams;
  readonly subject: string;
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export async function startOidcProvider(): Promise<OidcProvider> {
  const grants = new Map<string, Grant>();
  let asked = new URLSearchParams();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', provider.issuer);
    if (url.pathname === '/authorize') {
      asked = url.searchParams;
      const code = randomBytes(16).toString('hex');
      grants.set(code, { request: asked, subject: provider.subject });
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code, state: asked.get('state') ?? '' }).toString();
      response.writeHead(302, { Location: back.href }).end();
      return;
    }
    void respond(provider, grants, url, request).then(({ status, body }) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const provider: OidcProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId: 'console',
    clientSecret: 'test-client-secret',
    subject: 'user-1',
    tokenFault: undefined,
    authAgeSeconds: 0,
    asked: () => asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}

async function respond(
  provider: OidcProvider,
  grants: Map<string, Grant>,
  { pathname }: URL,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const { issuer } = provider;
  if (pathname === '/.well-known/openid-configuration') {
    return {
      status: 200,
      body: {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      },
    };
  }
  if (pathname === '/jwks') {
    return { status: 200, body: { keys: [publicKey.export({ format: 'jwk' })] } };
  }
  return pathname === '/token' ? exchange(provider, grants, request) : { status: 404, body: {} };
}

async function exchange(provider: OidcProvider, grants: Map<string, Grant>, request: IncomingMessage) {
  const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
  const grant = grants.get(form.get('code') ?? '');
  grants.delete(form.get('code') ?? '');
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  const [, basic = ''] = (request.headers.authorization ?? '').split(' ');
  const credentials = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  const isValid =
    grant?.request.get('code_challenge') === challenge &&
    grant.request.get('redirect_uri') === form.get('redirect_uri') &&
    credentials.join(':') === `${provider.clientId}:${provider.clientSecret}`;
  if (!grant || !isValid) {
    return { status: 400, body: { error: 'invalid_grant' } };
  }
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: provider.issuer,
    sub: grant.subject,
    aud: provider.clientId,
    iat: now,
    exp: now + 300,
    auth_time: now - provider.authAgeSeconds,
    nonce: grant.request.get('nonce'),
    ...provider.tokenFault,
  };
  return { status: 200, body: { access_token: 'at', token_type: 'Bearer', id_token: idToken(claims) } };
}

function idToken(claims: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'RS256' })}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}
