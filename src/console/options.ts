/**
 * Settings of the console.
 */
import type { CounterFactory } from '../http/rate-limits/counters.ts';

export interface ConsoleOptions {
  /** The origin at which operators reach the console, such as `https://console.example.com`; no trailing slash. */
  readonly url: string;
  /** IP addresses and CIDR ranges of proxies whose X-Forwarded-For is trusted. */
  readonly trustedProxies: readonly string[];
  /** Where requests are counted. */
  readonly counters: CounterFactory;
  /** The identity provider that operators may sign in with; undefined: they have passkeys only. */
  readonly oidc?: OidcOptions | undefined;
}

export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined;
}
