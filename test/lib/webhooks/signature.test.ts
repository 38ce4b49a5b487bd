/**
 * The signature of webhooks: the published vector of Standard Webhooks, its library, and Node's own Ed25519.
 */
import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { newSigningKey, publicKeyOf } from '../../../src/lib/webhooks/keys.ts';
import { signatureHeader } from '../../../src/lib/webhooks/signature.ts';

const ID = 'evt_01KAH0000000000000000000AA';
const BODY = '{"type": "payment_intent.succeeded", "name": "請求 ☕"}';
const now = () => Math.floor(Date.now() / 1000);

function headersOf(keys: readonly string[], timestamp: number) {
  return {
    'webhook-id': ID,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureHeader(keys, ID, timestamp, BODY),
  };
}

/** As a receiver in another language does it: the raw public key, wrapped as SPKI. */
function verifiesEd25519(publicKey: string, signature: string, message: string): boolean {
  const raw = Buffer.from(publicKey.slice('whpk_'.length), 'base64');
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(message), key, Buffer.from(signature.slice('v1a,'.length), 'base64'));
}

describe('the HMAC signature', () => {
  it('is that of the published vector', () => {
    const header = signatureHeader(
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
    );
    expect(header).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('is accepted by the library of Standard Webhooks with either secret during a rotation, and with no other', () => {
    const [newer, older] = [newSigningKey('hmac'), newSigningKey('hmac')];
    const headers = headersOf([newer, older], now());
    expect(new Webhook(newer).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(new Webhook(older).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(() => new Webhook(newSigningKey('hmac')).verify(BODY, headers)).toThrow('No matching signature');
    expect(() => new Webhook(newer).verify(`${BODY} `, headers)).toThrow('No matching signature');
  });

  it('has a secret of 32 random bytes', () => {
    const secrets = new Set(Array.from({ length: 100 }, () => newSigningKey('hmac')));
    expect(secrets.size).toBe(100);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    }
  });
});

describe('the Ed25519 signature', () => {
  it('is verified with the public key alone', () => {
    const key = newSigningKey('ed25519');
    const header = signatureHeader([key], ID, 1614265330, BODY);
    expect(header).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/);
    expect(verifiesEd25519(publicKeyOf(key), header, `${ID}.1614265330.${BODY}`)).toBe(true);
    expect(verifiesEd25519(publicKeyOf(key), header, `${ID}.1614265331.${BODY}`)).toBe(false);
    expect(verifiesEd25519(publicKeyOf(newSigningKey('ed25519')), header, `${ID}.1614265330.${BODY}`)).toBe(
      false,
    );
  });

  it('has the seed and the public key of RFC 8032, test 1, in its 64 bytes', () => {
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    const key = `whsk_${Buffer.from(seed + publicKey, 'hex').toString('base64')}`;
    expect(publicKeyOf(key)).toBe(`whpk_${Buffer.from(publicKey, 'hex').toString('base64')}`);
    const header = signatureHeader([key], ID, 1, BODY);
    expect(verifiesEd25519(publicKeyOf(key), header, `${ID}.1.${BODY}`)).toBe(true);
  });

  it('stands beside an HMAC signature, which a library that knows only HMAC finds', () => {
    const secret = newSigningKey('hmac');
    const headers = headersOf([newSigningKey('ed25519'), secret], now());
    expect(headers['webhook-signature']).toMatch(/^v1a,\S+ v1,\S+$/);
    expect(new Webhook(secret).verify(BODY, headers)).toEqual(JSON.parse(BODY));
  });
});

it('nothing is signed without a key or with a malformed one, and the error does not show the key', () => {
  const attempt = (keys: string[]) => () => signatureHeader(keys, ID, 1, BODY);
  expect(attempt([])).toThrow('needs a signing key');
  expect(attempt(['whsec_'])).toThrow('empty');
  expect(attempt(['hidden'])).toThrow(/^a signing key must start with whsec_$/);
  expect(attempt(['whsk_aGlkZGVu'])).toThrow(/^a private signing key has 64 bytes$/);
  expect(() => publicKeyOf('whsec_aGlkZGVu')).toThrow(/^a signing key must start with whsk_$/);
});
