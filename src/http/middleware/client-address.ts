/**
 * Finds where a request comes from: the peer of the connection or, when the peer is a trusted proxy, the first address from
 * the right of X-Forwarded-For that is not. Nothing else that a request says about its origin is believed.
 */
import proxyAddr from 'proxy-addr';
import { createAddressMatcher, normalizeAddress } from '../../lib/net/address-ranges.ts';
import type { Middleware } from '../state.ts';

/** @param trustedProxies IP addresses and CIDR ranges */
export function clientAddress(trustedProxies: readonly string[]): Middleware {
  const isTrusted = createAddressMatcher(trustedProxies);
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
  return addresses.map(normalizeAddress).findLast((address) => address !== undefined);
}
