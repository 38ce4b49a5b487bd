/**
 * Settings of the console and of the identity provider that operators may sign in with.
 */
import { ConfigError, type Env, read, readInteger, readUrl } from './read.ts';

export interface ConsoleConfig {
  /** Undefined: there is no console here. 0: any free port. */
  readonly port: number | undefined;
  /** Whether CONSOLE_PORT is set. A default port that another program uses is replaced by a free one. */
  readonly isPortGiven: boolean;
  /** CONSOLE_URL: an origin, without a trailing slash. */
  readonly url: string | undefined;
  readonly oidc: OidcConfig | undefined;
}

/** An identity provider that speaks OpenID Connect, and the gateway's registration there. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined;
}

/** Where the console listens beside the sandbox, if nothing is set. */
const DEFAULT_PORT = 8082;
/** WebAuthn takes host names only, and of those without TLS only this one. */
const LOCAL_ORIGIN = /^http:\/\/localhost(:\d+)?$/;
const IP_ADDRESS = /^(\[.*\]|\d+(\.\d+){3})$/;

/** @param hasSandbox whether the sandbox runs in the gateway's process, where the console is on by default */
export function readConsole(env: Env, hasSandbox: boolean): ConsoleConfig {
  const isPortGiven = read(env, 'CONSOLE_PORT') !== undefined;
  return {
    port: isPortGiven ? readInteger(env, 'CONSOLE_PORT', 0, 65_535) : hasSandbox ? DEFAULT_PORT : undefined,
    isPortGiven,
    url: readConsoleUrl(env),
    oidc: readOidc(env),
  };
}

function readConsoleUrl(env: Env): string | undefined {
  const given = readUrl(env, 'CONSOLE_URL', ['https:', 'http:']);
  if (given === undefined) {
    return undefined;
  }
  const { origin, href, username, protocol, hostname } = new URL(given);
  if (href !== `${origin}/` || username !== '') {
    throw new ConfigError(
      'CONSOLE_URL',
      'must be an origin such as https://console.example.com, without a path',
    );
  }
  if (IP_ADDRESS.test(hostname)) {
    throw new ConfigError('CONSOLE_URL', 'must have a host name: passkeys do not work with an IP address');
  }
  if (protocol !== 'https:' && !LOCAL_ORIGIN.test(origin)) {
    throw new ConfigError(
      'CONSOLE_URL',
      'must start with https:// unless its host is localhost: passkeys do not work without TLS',
    );
  }
  return origin;
}

function readOidc(env: Env): OidcConfig | undefined {
  const issuer = readUrl(env, 'OIDC_ISSUER', ['https:', 'http:']);
  const clientId = read(env, 'OIDC_CLIENT_ID');
  const clientSecret = read(env, 'OIDC_CLIENT_SECRET');
  if (issuer === undefined) {
    if (clientId !== undefined || clientSecret !== undefined) {
      throw new ConfigError('OIDC_ISSUER', 'must be set together with OIDC_CLIENT_ID');
    }
    return undefined;
  }
  const { protocol, hostname } = new URL(issuer);
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    throw new ConfigError('OIDC_ISSUER', 'must start with https://; http:// is accepted for loopback only');
  }
  if (clientId === undefined) {
    throw new ConfigError('OIDC_CLIENT_ID', 'must be set together with OIDC_ISSUER');
  }
  return { issuer, clientId, clientSecret };
}
