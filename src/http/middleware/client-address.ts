/**
 * Finds where a request comes from: the peer of the connection or, when the peer is a trusted proxy, the first address from
 * the right of X-Forwarded-For that is not. Nothing else that a request says about its origin is believed.
 */
import proxyAddr from 'proxy-addr';
import { createAddressMatcher, normalizeAddress } from '../../lib/net/address-ranges.ts';
import type { Middleware } from '../state.ts';

/** Some load balancers report the client's port as well; then an IPv6 address is in brackets. */
const WITH_PORT = /^(?:(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?|\[([^\]]*)\](?::\d{1,5})?)$/;

/** @param trustedProxies IP addresses and CIDR ranges */
export function clientAddress(trustedProxies: readonly string[]): Middleware {
  const matches = createAddressMatcher(trustedProxies);
  const isTrusted = (reported: string) => matches(withoutPort(reported));
  return function clientAddressMiddleware(ctx, next) {
    const { remoteAddress } = ctx.req.socket;
    const peer = remoteAddress === undefined ? undefined : normalizeAddress(remoteAddress);
    // Set now, because a connection that is closed during the request no longer has a peer address.
    ctx.state.clientAddress =
      peer !== undefined && isTrusted(peer)
        ? (firstUntrusted(proxyAddr.all(ctx.req, isTrusted)) ?? peer)
        : peer;
    return next();
  };
}

/** The farthest address that a trusted proxy reported. An entry that is no address says nothing about who wrote it. */
function firstUntrusted(addresses: readonly string[]): string | undefined {
  return addresses
    .map((reported) => normalizeAddress(withoutPort(reported)))
    .findLast((address) => address !== undefined);
}

function withoutPort(reported: string): string {
  const [, ipv4, ipv6] = WITH_PORT.exec(reported) ?? [];
  return ipv4 ?? ipv6 ?? reported;
}
