/**
 * IP addresses and CIDR ranges. IPv4-mapped IPv6 addresses are treated as IPv4, because an IPv4 peer of an IPv6 socket
 * appears as ::ffff:a.b.c.d.
 */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The length of the prefix of all IPv4-mapped IPv6 addresses, ::ffff:0:0/96. */
const MAPPED_BITS = 96;
/** Internet providers assign a customer at least a /64, so addresses within one belong to the same client. */
const NETWORK_BITS = 64;

/**
 * @param entries IP addresses and CIDR ranges, as config.ts has checked them
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
