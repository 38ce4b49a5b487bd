/**
 * Determines the client address of a request: the peer of the connection or, if the peer is a trusted proxy, the rightmost
 * address in X-Forwarded-For that is not a trusted proxy. Other headers about the origin are ignored.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import proxyAddr from 'proxy-addr';
import { createAddressMatcher, normalizeAddress } from '../../lib/net/address-ranges.ts';
import type { Middleware } from '../state.ts';

/** Some load balancers report the client's port as well; then an IPv6 address is in brackets. */
const WITH_PORT = /^(?:(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?|\[([^\]]*)\](?::\d{1,5})?)$/;

/** @param trustedProxies IP addresses and CIDR ranges */
export function clientAddress(trustedProxies: readonly string[]): Middleware {
  const addressOf = createClientAddress(trustedProxies);
  return function clientAddressMiddleware(ctx, next) {
    // Set now, because a connection that is closed during the request no longer has a peer address.
    ctx.state.clientAddress = addressOf(ctx.req);
    return next();
  };
}

/** @returns undefined for a connection that was closed already */
export function createClientAddress(
  trustedProxies: readonly string[],
): (request: IncomingMessage) => string | undefined {
  const matches = createAddressMatcher(trustedProxies);
  /** Remembered per connection, which has many requests. */
  const peers = new WeakMap<Socket, string | undefined>();
  const peerOf = (socket: Socket) => {
    let peer = peers.get(socket);
    if (peer === undefined && socket.remoteAddress !== undefined) {
      peer = normalizeAddress(socket.remoteAddress);
      peers.set(socket, peer);
    }
    return peer;
  };
  const isTrusted = (reported: string) => matches(withoutPort(reported));
  return (request) => {
    const peer = peerOf(request.socket);
    return trustedProxies.length > 0 && peer !== undefined && isTrusted(peer)
      ? (firstUntrusted(proxyAddr.all(request, isTrusted)) ?? peer)
      : peer;
  };
}

/** The farthest address that a trusted proxy reported. Entries that are not IP addresses are skipped. */
function firstUntrusted(addresses: readonly string[]): string | undefined {
  return addresses
    .map((reported) => normalizeAddress(withoutPort(reported)))
    .findLast((address) => address !== undefined);
}

function withoutPort(reported: string): string {
  const [, ipv4, ipv6] = WITH_PORT.exec(reported) ?? [];
  return ipv4 ?? ipv6 ?? reported;
}
