/**
 * Opens connections for undici: resolves the name once, connects only to the addresses that were checked, and checks the
 * address again on the open connection before anything is written.
 */
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { within } from './limits.ts';
import { addressFault, connectFault, exchangeFault, SendFault, tlsFault } from './problems.ts';
import type { Resolve } from './resolve.ts';

export interface ConnectorOptions {
  readonly resolve: Resolve;
  readonly isAllowed: (address: string) => boolean;
  /** Trusted authorities, as PEM; by default those of Node. */
  readonly ca?: string;
  /** For tests; by default 4 s for each step. Together with the 3 s of DNS they are within the time of a whole try. */
  readonly stepTimeoutMs?: number;
}

const STEP_TIMEOUT_MS = 4_000;
/** How long one of several addresses is tried before the next. */
const ADDRESS_TIMEOUT_MS = 1_000;

export function createConnector(options: ConnectorOptions): buildConnector.connector {
  return (target, callback) => {
    open(options, target).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(exchangeFault(target.hostname, error), null),
    );
  };
}

async function open(
  options: ConnectorOptions,
  { hostname, port, protocol }: buildConnector.Options,
): Promise<Socket | TLSSocket> {
  const { resolve, isAllowed, ca, stepTimeoutMs = STEP_TIMEOUT_MS } = options;
  const isSecure = protocol === 'https:';
  const portNumber = port || (isSecure ? '443' : '80');
  const addresses = await resolve(hostname);
  const tcp = await openTcp(addresses, hostname, portNumber, stepTimeoutMs);
  if (!isAllowed(tcp.remoteAddress ?? '')) {
    tcp.destroy();
    throw addressFault(hostname);
  }
  return isSecure ? await startTls(tcp, hostname, ca, stepTimeoutMs) : tcp;
}

async function openTcp(
  addresses: readonly string[],
  host: string,
  port: string,
  timeoutMs: number,
): Promise<Socket> {
  const records = addresses.map((address) => ({ address, family: isIP(address) }));
  const socket = connectTcp({
    host,
    port: Number(port),
    lookup: (_host, _options, callback) => callback(null, records),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
    noDelay: true,
  });
  return await ready(socket, 'connect', timeoutMs, {
    failed: (error) => connectFault(host, port, error),
    late: () => connectFault(host, port, { code: 'ETIMEDOUT' }),
  });
}

async function startTls(
  socket: Socket,
  host: string,
  ca: string | undefined,
  timeoutMs: number,
): Promise<TLSSocket> {
  const secure = connectTls({
    socket,
    host,
    // The extension for the server's name must not contain an address.
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    ALPNProtocols: ['http/1.1'],
  });
  return await ready(secure, 'secureConnect', timeoutMs, {
    failed: (error) => tlsFault(host, error),
    late: () =>
      new SendFault(
        'timed_out',
        `The TLS handshake with ${host} was not complete after ${timeoutMs / 1_000} seconds`,
      ),
  });
}

/** Waits until the socket is open; destroys it if it is not in time. */
async function ready<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
  faults: { readonly failed: (error: unknown) => SendFault; readonly late: () => SendFault },
): Promise<S> {
  // An error after this wait and before undici listens must not end the process.
  socket.on('error', () => undefined);
  try {
    await within(timeoutMs, once(socket, event), faults.late);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error instanceof SendFault ? error : faults.failed(error);
  }
}
