/**
 * What a receiver of webhooks verifies, against the published vector and what the gateway signs.
 */
import { describe, expect, it } from 'vitest';
import { PgwWebhookError, verifyWebhook, type WebhookHeaders } from '../../src/client/index.ts';
import { newSigningKey, publicKeyOf } from '../../src/lib/webhooks/keys.ts';
import { signatureHeader } from '../../src/lib/webhooks/signature.ts';

const SECONDS = 1_800_000_000;
const NOW = new Date(SECONDS * 1_000);
const ID = 'evt_01JHMB8C40M7R5T9V1X3Z5B7D9';
const BODY = `{"id":"${ID}","type":"ping","timestamp":"2027-01-15T08:00:00.000Z","api_version":"v1","data":{},"text":"請求 ☕"}`;
const secret = newSigningKey('hmac');

function headersOf(keys: readonly string[] = [secret], body = BODY): Record<string, string> {
  return {
    'webhook-id': ID,
    'webhook-timestamp': String(SECONDS),
    'webhook-signature': signatureHeader(keys, ID, SECONDS, body),
  };
}

const verify = (
  headers: WebhookHeaders,
  secrets: string | readonly string[] = secret,
  body: Parameters<typeof verifyWebhook>[0] = BODY,
) => verifyWebhook(body, headers, secrets, { now: NOW });

async function reasonOf(verified: Promise<unknown>): Promise<string> {
  try {
    await verified;
    return 'verified';
  } catch (error) {
    return error instanceof PgwWebhookError ? error.reason : `threw ${error}`;
  }
}

describe('a webhook of the gateway', () => {
  it('is returned as the event that it contains', async () => {
    const event = await verify(headersOf());
    expect(event.type).toBe('ping');
    expect(event).toEqual(JSON.parse(BODY));
  });

  it('has the signature of the published vector of Standard Webhooks', async () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const options = { now: new Date(1_614_265_330_000) };
    const vector = (body: string) =>
      reasonOf(verifyWebhook(body, headers, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', options));
    // Correctly signed, but no event.
    expect(await vector('{"test": 2432232314}')).toBe('malformed_body');
    expect(await vector('{"test":2432232314}')).toBe('no_matching_signature');
  });

  it('may be given as bytes, and with headers in any form', async () => {
    const bytes = new TextEncoder().encode(BODY);
    const upper = Object.fromEntries(
      Object.entries(headersOf()).map(([name, value]) => [name.toUpperCase(), [value]]),
    );
    for (const body of [BODY, bytes, bytes.buffer, Buffer.from(BODY)]) {
      for (const headers of [headersOf(), new Headers(headersOf()), upper]) {
        expect((await verify(headers, secret, body)).id).toBe(ID);
      }
    }
  });

  it('is verified with either secret during a rotation', async () => {
    const newer = newSigningKey('hmac');
    const headers = headersOf([newer, secret]);
    expect(await reasonOf(verify(headers, secret))).toBe('verified');
    expect(await reasonOf(verify(headers, newer))).toBe('verified');
    expect(await reasonOf(verify(headersOf([newer]), [secret, newer]))).toBe('verified');
    expect(await reasonOf(verify(headers, newSigningKey('hmac')))).toBe('no_matching_signature');
  });

  it('is verified with the public key of an Ed25519 signature', async () => {
    const key = newSigningKey('ed25519');
    expect(await reasonOf(verify(headersOf([key]), publicKeyOf(key)))).toBe('verified');
    expect(await reasonOf(verify(headersOf([key]), [secret, publicKeyOf(key)]))).toBe('verified');
    expect(await reasonOf(verify(headersOf([key]), publicKeyOf(newSigningKey('ed25519'))))).toBe(
      'no_matching_signature',
    );
    expect(await reasonOf(verify(headersOf([key]), secret))).toBe('no_matching_signature');
  });

  it('with a signature of a later version beside it is still verified', async () => {
    const headers = headersOf();
    headers['webhook-signature'] = `v9,AAAA strange v1,**** ${headers['webhook-signature']}`;
    expect(await reasonOf(verify(headers))).toBe('verified');
  });
});

describe('a webhook is refused', () => {
  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s', async (name) => {
    const headers = headersOf();
    delete headers[name];
    expect(await reasonOf(verify(headers))).toBe('missing_header');
  });

  it.each([
    ['webhook-timestamp', 'yesterday', 'malformed_header'],
    ['webhook-timestamp', '-1', 'malformed_header'],
    ['webhook-timestamp', `${SECONDS}.0`, 'malformed_header'],
    ['webhook-timestamp', '9'.repeat(400), 'malformed_header'],
    ['webhook-timestamp', String(SECONDS + 1), 'no_matching_signature'],
    ['webhook-id', 'evt_another', 'no_matching_signature'],
    ['webhook-signature', 'v1', 'malformed_header'],
    ['webhook-signature', 'v1,', 'malformed_header'],
    ['webhook-signature', 'v1,AAAA', 'no_matching_signature'],
    ['webhook-signature', 'v2,AAAA', 'no_matching_signature'],
    ['webhook-signature', `${'v1,AAAA '.repeat(100)}`, 'no_matching_signature'],
  ])('with %s %s: %s', async (name, value, reason) => {
    expect(await reasonOf(verify({ ...headersOf(), [name]: value }))).toBe(reason);
  });

  it('when one byte of the body differs', async () => {
    expect(await reasonOf(verify(headersOf(), secret, `${BODY}\n`))).toBe('no_matching_signature');
  });

  it.each([
    [-301, 'timestamp_out_of_tolerance'],
    [-300, 'verified'],
    [300, 'verified'],
    [301, 'timestamp_out_of_tolerance'],
  ])('by its time, %i seconds from now: %s', async (seconds, outcome) => {
    const now = new Date((SECONDS + seconds) * 1_000);
    expect(await reasonOf(verifyWebhook(BODY, headersOf(), secret, { now }))).toBe(outcome);
    expect(await reasonOf(verifyWebhook(BODY, headersOf(), secret, { now, toleranceSeconds: 400 }))).toBe(
      'verified',
    );
  });

  it.each(['', 'no JSON', '[]', 'null', '{"id":"evt_1"}'])('when its body is %j', async (body) => {
    expect(await reasonOf(verify(headersOf([secret], body), secret, body))).toBe('malformed_body');
  });

  it('by a TypeError without the secret when that is malformed', async () => {
    for (const wrong of ['hidden', 'whsec_', 'whsec_***', 'whsk_aGlkZGVu', '']) {
      await expect(verify(headersOf(), wrong)).rejects.toThrow(
        /^A webhook secret is whsec_… or whpk_…, with base64 after the prefix$/,
      );
    }
  });

  it('when there is no secret', async () => {
    expect(await reasonOf(verify(headersOf(), []))).toBe('no_matching_signature');
  });
});
