/**
 * The connections over which requests to merchants' servers go: to addresses that were checked, without what the environment
 * says about proxies.
 */
import { Agent } from 'undici';
import { type ConnectorOptions, createConnector } from './connector.ts';

const MAX_HEADER_BYTES = 16_384;

export function createAgent(
  connector: ConnectorOptions,
  limits: { readonly idleMs: number; readonly connectionsPerOrigin: number },
): Agent {
  return new Agent({
    connect: createConnector(connector),
    connections: limits.connectionsPerOrigin,
    pipelining: 1,
    keepAliveTimeout: limits.idleMs,
    // What the receiver asks for cannot lengthen it.
    keepAliveMaxTimeout: limits.idleMs,
    maxHeaderSize: MAX_HEADER_BYTES,
    // exchange.ts limits the time of the whole try.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
