/**
 * The lookup of names, against a DNS server on this machine.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLookup, type Lookup } from '../../src/webhook-sender/resolve.ts';

const A = 1;
const NXDOMAIN = 3;
const SERVFAIL = 2;
/** `address of A, address of AAAA`; an address that is missing has no record, and `silent` gets no response. */
const ZONE: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'both.example': ['93.184.216.34', '20010db8000000000000000000000001'],
  'v4.example': ['93.184.216.34'],
  'v6.example': [undefined, '20010db8000000000000000000000001'],
  'none.example': [],
  'half-silent.example': ['93.184.216.34', 'silent'],
};

let server: Socket;
let lookup: Lookup;
const asked: string[] = [];

beforeAll(async () => {
  server = createSocket('udp4');
  server.on('message', (query, { port, address }) => {
    const reply = replyTo(query);
    if (reply) {
      server.send(reply, port, address);
    }
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  lookup = createLookup([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
});
afterAll(() => void server.close());

/** A response to a query of one question, as RFC 1035 writes it. */
function replyTo(query: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let offset = 12;
  while (query[offset]) {
    const length = query[offset] ?? 0;
    labels.push(query.toString('latin1', offset + 1, offset + 1 + length));
    offset += length + 1;
  }
  const type = query.readUInt16BE(offset + 1);
  const name = labels.join('.').toLowerCase();
  asked.push(name);
  const question = query.subarray(12, offset + 5);
  if (name === 'broken.example') {
    return Buffer.concat([header(query, SERVFAIL, 0), question]);
  }
  const records = ZONE[name];
  const value = records?.[type === A ? 0 : 1];
  if (value === 'silent') {
    return undefined;
  }
  const data = value && (type === A ? Buffer.from(value.split('.').map(Number)) : Buffer.from(value, 'hex'));
  if (!data) {
    return Buffer.concat([header(query, records ? 0 : NXDOMAIN, 0), question]);
  }
  const answer = Buffer.alloc(12);
  answer.writeUInt16BE(0xc00c, 0);
  answer.writeUInt16BE(type, 2);
  answer.writeUInt16BE(1, 4);
  answer.writeUInt32BE(60, 6);
  answer.writeUInt16BE(data.length, 10);
  return Buffer.concat([header(query, 0, 1), question, answer, data]);
}

function header(query: Buffer, code: number, answers: number): Buffer {
  const bytes = Buffer.alloc(12);
  query.copy(bytes, 0, 0, 2);
  bytes.writeUInt16BE(0x8180 | code, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(answers, 6);
  return bytes;
}

describe('a name', () => {
  it.each([
    ['both.example', ['93.184.216.34', '2001:db8::1']],
    ['v4.example', ['93.184.216.34']],
    ['v6.example', ['2001:db8::1']],
    ['half-silent.example', ['93.184.216.34']],
  ])('%s has all its addresses, of both families: %j', async (host, addresses) => {
    expect(await lookup(host)).toEqual(addresses);
  });

  it.each([
    ['none.example', 'ENODATA'],
    ['unknown.example', 'ENOTFOUND'],
    ['broken.example', 'ESERVFAIL'],
  ])('%s has none: %s', async (host, code) => {
    await expect(lookup(host)).rejects.toMatchObject({ code });
  });

  it('is not completed with a search domain', async () => {
    asked.length = 0;
    await expect(lookup('database')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(new Set(asked)).toEqual(new Set(['database']));
  });
});
