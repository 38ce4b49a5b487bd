/**
 * Reads lists of IP addresses and CIDR ranges.
 */
import { findRangeFault } from '../lib/net/address-ranges.ts';
import { ConfigError, type Env, read } from './read.ts';

/** @throws ConfigError when an entry is neither, or covers more than it seems to */
export function readAddressRanges(env: Env, name: string): string[] {
  const entries = (read(env, name) ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const fault = entries.map(findRangeFault).find((found) => found !== undefined);
  if (fault !== undefined) {
    throw new ConfigError(name, fault);
  }
  return entries;
}
