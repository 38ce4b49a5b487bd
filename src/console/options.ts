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
  /** Signs in as the demo operator, once; undefined: there is none. */
  readonly demoToken?: string | undefined;
}
