/**
 * Why there was no response, in words for the merchant. A message contains nothing but the merchant's own host name and
 * codes of known errors: no address, because it could reveal the names of the gateway's own network.
 */
import type { SendProblem } from './sender.ts';

/** A failure whose reason is known. */
export class SendFault extends Error {
  readonly problem: SendProblem;

  constructor(problem: SendProblem, message: string) {
    super(message);
    this.name = 'SendFault';
    this.problem = problem;
  }
}

const DNS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'does not exist in DNS',
  ENODATA: 'has no address in DNS',
  ETIMEOUT: 'could not be resolved, because its DNS servers did not respond',
  ESERVFAIL: 'could not be resolved, because its DNS servers report a failure',
};

const TLS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate was issued by an authority that is not publicly trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate of the issuer is missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the issuer of the certificate is unknown; the server may not send its intermediate certificates',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the issuer of the certificate is unknown; the server may not send its intermediate certificates',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
  CERT_REVOKED: 'the certificate has been revoked',
  ECONNRESET: 'the server closed the connection',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not use TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not use TLS on this port',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the server does not support TLS 1.2 or newer',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'the server does not support TLS 1.2 or newer',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server requires a client certificate',
};

export function addressFault(host: string): SendFault {
  return new SendFault('address_not_allowed', `${host} has an address that is not public`);
}

export function dnsFault(host: string, error: unknown): SendFault {
  const code = codeOf(error);
  return new SendFault(
    'dns_failed',
    `The host name ${host} ${DNS[code] ?? `could not be resolved${shown(code)}`}`,
  );
}

/** A connection that could not be opened. */
export function connectFault(host: string, port: string, error: unknown): SendFault {
  const code = codeOf(error);
  if (code === 'ETIMEDOUT') {
    return new SendFault('timed_out', `No connection to ${host}, port ${port}, could be opened in time`);
  }
  return code === 'ECONNREFUSED'
    ? new SendFault('connection_refused', `${host} refuses connections on port ${port}`)
    : new SendFault('connection_refused', `${host} cannot be reached on port ${port}${shown(code)}`);
}

export function tlsFault(host: string, error: unknown): SendFault {
  const code = codeOf(error);
  return new SendFault('tls_failed', `TLS with ${host} failed: ${TLS[code] ?? `${code || 'unknown error'}`}`);
}

/** An exchange that failed on an open connection, or a fault of opening it. */
export function exchangeFault(host: string, error: unknown): SendFault {
  if (error instanceof SendFault) {
    return error;
  }
  const code = codeOf(error);
  if (/^ERR_(SSL|TLS)_/.test(code)) {
    return tlsFault(host, error);
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new SendFault('response_invalid', `The response headers of ${host} are too large`);
  }
  if (isParserError(error) || code.startsWith('UND_ERR_RES')) {
    return new SendFault('response_invalid', `The response of ${host} is not valid HTTP${shown(code)}`);
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new SendFault('connection_reset', 'The gateway was shutting down');
  }
  return new SendFault('connection_reset', `${host} closed the connection without a complete response`);
}

/** undici's error also contains the bytes, which must not be shown. */
function isParserError(error: unknown): boolean {
  return error instanceof Error && error.name === 'HTTPParserError';
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : '';
}

function shown(code: string): string {
  return code === '' ? '' : ` (${code})`;
}
