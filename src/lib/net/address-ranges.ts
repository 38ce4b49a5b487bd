/**
 * IP addresses and CIDR ranges. IPv4-mapped IPv6 addresses are treated as IPv4, because an IPv4 peer of an IPv6 socket
 * appears as ::ffff:a.b.c.d.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The length of the prefix of all IPv4-mapped IPv6 addresses, ::ffff:0:0/96. */
const MAPPED_BITS = 96;
/** Internet providers assign a customer at least a /64, so addresses within one belong to the same client. */
const NETWORK_BITS = 64;

/**
 * @param entries IP addresses and CIDR ranges, that `findRangeFault` finds nothing wrong with
 * @returns a function that says whether an address is covered by the entries
 */
export function createAddressMatcher(entries: readonly string[]): (address: string | undefined) => boolean {
  const ranges = entries.map(toRange);
  return (text) => {
    if (ranges.length === 0 || text === undefined || !ipaddr.isValid(text)) {
      return false;
    }
    const address = ipaddr.process(text);
    return ranges.some(([start, bits]) => start.kind() === address.kind() && address.match(start, bits));
  };
}

/** What is wrong with the text of an address or range, as the end of a sentence about it; undefined when it may be used. */
export function findRangeFault(entry: string): string | undefined {
  const [address = ''] = entry.split('/');
  // The library also accepts short forms such as 10.1, which are almost always a mistake.
  if (isIP(address) === 0 || (entry !== address && !ipaddr.isValidCIDR(entry))) {
    return `must list IP addresses or CIDR ranges; ${entry} is neither`;
  }
  if (entry.endsWith('/0')) {
    return `must not list ${entry}, which covers every address`;
  }
  return isWiderThanMapped(entry) ? `must list IPv4 ranges as such; ${entry} holds all of IPv4` : undefined;
}

/** Whether an IPv4-mapped range has the prefix length of an IPv4 range, as in ::ffff:10.0.0.0/8, which covers all of IPv4. */
function isWiderThanMapped(entry: string): boolean {
  const [address, bits] = entry.includes('/') ? ipaddr.parseCIDR(entry) : [ipaddr.parse(entry), 128];
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits < MAPPED_BITS;
}

/** A range without a fault in canonical form, with its network address and length. */
export function normalizeRange(entry: string): string {
  const [address, bits] = toRange(entry);
  const range = `${address.toString()}/${bits}`;
  const network =
    address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(range)
      : ipaddr.IPv6.networkAddressFromCIDR(range);
  return `${network.toString()}/${bits}`;
}

/** The address in canonical form; undefined when the text is not an IP address. */
export function normalizeAddress(text: string): string | undefined {
  return ipaddr.isValid(text) ? ipaddr.process(text).toString() : undefined;
}

/** The network of one client: an IPv4 address, or the /64 of an IPv6 address. Any other text is returned unchanged. */
export function networkOf(text: string): string {
  if (!text.includes(':')) {
    return text;
  }
  const address = ipaddr.isValid(text) ? ipaddr.process(text) : undefined;
  if (!(address instanceof ipaddr.IPv6)) {
    return text;
  }
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${NETWORK_BITS}`)}/${NETWORK_BITS}`;
}

/** A range of IPv4-mapped addresses becomes the range of those IPv4 addresses. */
function toRange(entry: string): readonly [Address, number] {
  const [address, bits] = entry.includes('/') ? ipaddr.parseCIDR(entry) : singleAddress(entry);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_BITS) {
    return [address.toIPv4Address(), bits - MAPPED_BITS];
  }
  return [address, bits];
}

function singleAddress(entry: string): readonly [Address, number] {
  const address = ipaddr.parse(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
