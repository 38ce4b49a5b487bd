/**
 * IP addresses and CIDR ranges, with IPv4-mapped IPv6 addresses taken as IPv4: an IPv4 peer of an IPv6 socket appears as
 * ::ffff:a.b.c.d.
 */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The length of the prefix of all IPv4-mapped IPv6 addresses, ::ffff:0:0/96. */
const MAPPED_BITS = 96;
/** Providers give a customer at least this prefix, so addresses within it are one client's. */
const NETWORK_BITS = 64;

/**
 * @param entries IP addresses and CIDR ranges, as config.ts has checked them
 * @returns whether an address is one of them
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

/** The address in its usual form; undefined when the text is none. */
export function normalizeAddress(text: string): string | undefined {
  return ipaddr.isValid(text) ? ipaddr.process(text).toString() : undefined;
}

/** The network that one client has: an IPv4 address, or the /64 of an IPv6 address. Any other text stands for itself. */
export function networkOf(text: string): string {
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
