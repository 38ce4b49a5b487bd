/**
 * Creates certificates with Node alone, self-signed for 127.0.0.1 and localhost by default, because the tests must run on machines
 * without OpenSSL. Encodes only the DER that an X.509 v3 certificate requires.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const DAY_MS = 86_400_000;

export interface CertificateOptions {
  readonly subject: string;
  /** Who signs it; itself when absent. */
  readonly issuer?: Certificate;
  readonly isCa?: boolean;
  /** The names it is for: 127.0.0.1 and localhost by default. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** From yesterday for about a month by default. */
  readonly validFrom?: Date;
  readonly validUntil?: Date;
}

/** Key and certificate as PEM. */
export interface Certificate {
  readonly subject: string;
  readonly key: string;
  readonly cert: string;
}

/** Returns key and certificate as PEM, valid from yesterday for about a month. */
export function makeSelfSignedCertificate(): { key: string; cert: string } {
  const { key, cert } = makeCertificate({ subject: 'PayPay sandbox test' });
  return { key, cert };
}

/** A certificate of whatever kind: also one that is expired, for another name, or signed by another. */
export function makeCertificate(options: CertificateOptions): Certificate {
  const { subject, issuer } = options;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const { validFrom = new Date(Date.now() - DAY_MS), validUntil = new Date(Date.now() + 30 * DAY_MS) } =
    options;
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(issuer?.subject ?? subject),
    sequence(utcTime(validFrom), utcTime(validUntil)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(options))),
  );
  const signature = sign('sha256', toBeSigned, issuer?.key ?? privateKey);
  const certificate = sequence(toBeSigned, ecdsaWithSha256, tagged(0x03, Buffer.from([0]), signature));
  return {
    subject,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: toPem(certificate),
  };
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid('550403'), utf8(commonName))));
}

function extensions({
  isCa = false,
  dnsNames = ['localhost'],
  ipAddresses = ['127.0.0.1'],
}: CertificateOptions): Buffer[] {
  if (isCa) {
    const basicConstraints = sequence(tagged(0x01, Buffer.from([0xff])));
    return [sequence(oid('551d13'), tagged(0x04, basicConstraints))];
  }
  const names = [
    ...dnsNames.map((dnsName) => tagged(0x82, Buffer.from(dnsName))),
    ...ipAddresses.map((address) => tagged(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  return [sequence(oid('551d11'), tagged(0x04, sequence(...names)))];
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function tagged(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const length = content.length;
  const header =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...header]), content]);
}

function sequence(...contents: Buffer[]): Buffer {
  return tagged(0x30, ...contents);
}

function set(...contents: Buffer[]): Buffer {
  return tagged(0x31, ...contents);
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function integer(value: Buffer): Buffer {
  return tagged(0x02, value);
}

function utf8(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text));
}

function utcTime(at: Date): Buffer {
  const digits = at.toISOString().replace(/\D/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}
