/**
 * Which addresses webhooks may be sent to. A merchant chooses the URL, so an address of the gateway's own network, such as
 * another service or a cloud's metadata, must never be one of them.
 */
import ipaddr from 'ipaddr.js';

/** The agent of Azure's virtual machines, which serves their settings and secrets. Its address is in a public range. */
const AZURE_AGENT = '168.63.129.16';
/** All IPv6 addresses that are assigned to hosts of the Internet are in it. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address is a host of the Internet. An IPv4-mapped address counts as the IPv4 address. Addresses that embed
 * an IPv4 address for a translator or a tunnel (NAT64, 6to4, Teredo) are not, whatever they embed.
 */
export function isPublicAddress(text: string): boolean {
  const address = parse(text);
  if (address instanceof ipaddr.IPv6 && !address.match(GLOBAL_UNICAST)) {
    return false;
  }
  return address?.range() === 'unicast' && address.toString() !== AZURE_AGENT;
}

/** Whether an address is this machine's own: 127.0.0.0/8 or ::1. */
export function isLoopbackAddress(text: string): boolean {
  return parse(text)?.range() === 'loopback';
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return ipaddr.isValid(text) ? ipaddr.process(text) : undefined;
}
