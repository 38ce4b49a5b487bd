/**
 * From a host name to addresses that webhooks may be sent to.
 *
 * Names are resolved by DNS queries and not by the operating system, whose lookups block one of Node's four threads each: a
 * few names whose DNS servers do not respond would stop all other lookups. The hosts file and search domains, which are for
 * names of the operator's own network, are therefore not used.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { within } from './limits.ts';
import { addressFault, dnsFault, SendFault } from './problems.ts';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** All addresses of a host name. @throws an error with a `code` of `node:dns` if there are none */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** @throws SendFault */
export type Resolve = (host: string) => Promise<readonly string[]>;

const DNS_TIMEOUT_MS = 3_000;
/** Two tries take about two seconds, so one that gets no response for IPv6 leaves time to use IPv4. */
const TRY = { timeout: 700, tries: 2 };
const LOOPBACK = ['127.0.0.1', '::1'];

/** Looks up names by DNS. @param servers address and port; by default those of the system */
export function createLookup(servers?: readonly string[]): Lookup {
  const resolver = new Resolver(TRY);
  if (servers) {
    resolver.setServers(servers);
  }
  return async (host) => {
    const results = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const [failure] = results.filter((result) => result.status === 'rejected');
    if (addresses.length === 0 && failure) {
      throw failure.reason;
    }
    return addresses;
  };
}

/**
 * Resolves a host and refuses it unless every one of its addresses is allowed: which of them a connection would use is not
 * known beforehand. The caller must connect to these addresses and not resolve the name again, because the next lookup
 * may return others.
 */
export function createResolve(lookup: Lookup, isAllowed: (address: string) => boolean): Resolve {
  return async (host) => {
    const addresses = await find(lookup, host);
    if (!addresses.every(isAllowed)) {
      throw addressFault(host);
    }
    return addresses;
  };
}

/** @param allowsLoopback also allows this machine: where payments are simulated */
export function addressRule(allowsLoopback: boolean): (address: string) => boolean {
  return (address) => isPublicAddress(address) || (allowsLoopback && isLoopbackAddress(address));
}

async function find(lookup: Lookup, host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) {
    return [host];
  }
  if (host === 'localhost') {
    return LOOPBACK;
  }
  const isLate = () =>
    new SendFault(
      'dns_failed',
      `The host name ${host} could not be resolved within ${DNS_TIMEOUT_MS / 1_000} seconds`,
    );
  try {
    const addresses = await within(DNS_TIMEOUT_MS, lookup(host), isLate);
    if (addresses.length > 0) {
      return addresses;
    }
  } catch (error) {
    throw error instanceof SendFault ? error : dnsFault(host, error);
  }
  throw dnsFault(host, { code: 'ENODATA' });
}
