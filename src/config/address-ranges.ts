/**
 * Reads lists of IP addresses and CIDR ranges.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ConfigError, type Env, read } from './read.ts';

/** @throws ConfigError when an entry is neither, or covers more than it seems to */
export function readAddressRanges(env: Env, name: string): string[] {
  const entries = (read(env, name) ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  for (const entry of entries) {
    const [address = ''] = entry.split('/');
    // The library also accepts short forms such as 10.1, which are almost always a mistake.
    if (isIP(address) === 0 || (entry !== address && !ipaddr.isValidCIDR(entry))) {
      throw new ConfigError(name, `must list IP addresses or CIDR ranges; ${entry} is neither`);
    }
    if (entry.endsWith('/0')) {
      throw new ConfigError(name, `must not list ${entry}, which covers every address`);
    }
    if (isWiderThanMapped(entry)) {
      throw new ConfigError(name, `must list IPv4 ranges as such; ${entry} holds all of IPv4`);
    }
  }
  return entries;
}

/** Whether an IPv4-mapped range has the prefix length of an IPv4 range, as in ::ffff:10.0.0.0/8, which covers all of IPv4. */
function isWiderThanMapped(entry: string): boolean {
  const [address, bits] = entry.includes('/') ? ipaddr.parseCIDR(entry) : [ipaddr.parse(entry), 128];
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits < 96;
}
