/**
 * explainSignature: shows a developer, in the sandbox, which part of a signature differs. It signs with each of the usual
 * mistakes and compares. It shows what has to be signed, never a signature.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { sha256, sha256Hex } from '../../lib/hash.ts';
import { SCHEME, stringToSign } from '../../lib/signing.ts';
import { type ApiKey, findApiKey, isWorkingKey } from '../../store/api-keys.ts';
import { parseAuthorization, TIMESTAMP_WINDOW_SECONDS } from '../authenticate.ts';
import type { ServiceDeps } from '../deps.ts';

type Part = 'authorization' | 'api_key' | 'timestamp' | 'method' | 'path' | 'body' | 'separator' | 'key';

export interface Finding {
  readonly part: Part;
  readonly message: string;
}

export interface RefusedRequest {
  readonly authorization: string;
  readonly method: string;
  /** Path, and query when there was one. */
  readonly target: string;
  /** As sent; empty when there was none. */
  readonly body: string;
  /** What the caller's program signed, if known. */
  readonly signedText: string | undefined;
}

export interface Explanation {
  /** Empty when the gateway accepts the signature. */
  readonly findings: readonly Finding[];
  readonly stringToSign?: string;
  readonly bodySha256?: string;
  readonly clockSkewSeconds?: number;
}

/** @throws not_found where payments are real */
export async function explainSignature(deps: ServiceDeps, request: RefusedRequest): Promise<Explanation> {
  if (!deps.isSandbox) {
    throw new DomainError('not_found', 'This operation exists only in the sandbox');
  }
  const parsed = parseAuthorization(request.authorization);
  if (!parsed) {
    return { findings: [explainForm(request.authorization)] };
  }
  const [path = ''] = request.target.split('?', 1);
  const { method, body } = request;
  const signable = { method, path, timestamp: parsed.timestamp, body };
  const skew = Number(parsed.timestamp) - Math.floor(deps.wallClock.now().getTime() / 1000);
  const key = await findApiKey(deps.db, parsed.apiKey);
  const isKnown = key !== undefined && isWorkingKey(key, deps.wallClock.now());
  return {
    findings: [
      ...(isKnown ? [] : [UNKNOWN_KEY]),
      ...(Math.abs(skew) > TIMESTAMP_WINDOW_SECONDS ? [explainSkew(skew)] : []),
      ...(isKnown ? explainMismatch(key, request, signable, parsed.signature) : []),
    ],
    stringToSign: stringToSign(signable),
    bodySha256: sha256Hex(body),
    clockSkewSeconds: skew,
  };
}

const UNKNOWN_KEY: Finding = {
  part: 'api_key',
  message: 'No working API key has this name. Make one with pgw keys create, or see pgw keys list.',
};

/** Why the header cannot be read. */
function explainForm(authorization: string): Finding {
  const form = `${SCHEME} <api_key>:<timestamp>:<signature>`;
  const [scheme = '', rest = ''] = authorization.trim().split(/ (.*)/s);
  const [, timestamp = '', signature = ''] = rest.split(':');
  if (scheme !== SCHEME) {
    return { part: 'authorization', message: `The header must begin with "${SCHEME} ": ${form}.` };
  }
  if (/^\d{13,}$/.test(timestamp)) {
    return { part: 'timestamp', message: 'The timestamp is in milliseconds; send Unix seconds.' };
  }
  if (!/^\d+$/.test(timestamp)) {
    return { part: 'timestamp', message: 'The timestamp must be Unix seconds, digits only.' };
  }
  if (!/^[0-9a-f]{64}$/i.test(signature)) {
    const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(signature);
    const what = isBase64 ? 'The signature is in base64; send it in hex' : 'The signature must be hex';
    return { part: 'authorization', message: `${what}, 64 characters.` };
  }
  return { part: 'authorization', message: `The header must have the form ${form}.` };
}

function explainSkew(skew: number): Finding {
  const distance = `${Math.abs(skew)} seconds ${skew > 0 ? 'ahead of' : 'behind'} the clock of the gateway`;
  const advice = 'Set the clock of your machine by NTP, and sign each try anew.';
  return {
    part: 'timestamp',
    message: `The timestamp is ${distance}; at most ${TIMESTAMP_WINDOW_SECONDS} are accepted. ${advice}`,
  };
}

interface SignedParts {
  readonly method: string;
  readonly path: string;
  readonly timestamp: string;
  readonly body: string;
}

function explainMismatch(
  key: ApiKey,
  request: RefusedRequest,
  right: SignedParts,
  signature: string,
): Finding[] {
  const isSigned = (text: string, hmacKey: string | Buffer = key.secretKeyHash) =>
    timingSafeEqual(hmac(hmacKey, text), Buffer.from(signature, 'hex'));
  if (isSigned(stringToSign(right)) || isSigned(stringToSign({ ...right, path: request.target }))) {
    return [];
  }
  const { signedText } = request;
  if (signedText !== undefined && isSigned(signedText)) {
    return compareLines(signedText, stringToSign(right));
  }
  for (const [hmacKey, wrongKey] of keyMistakes(key)) {
    for (const [text, wrongText] of textMistakes(request, right)) {
      if (isSigned(text, hmacKey)) {
        return [wrongKey, wrongText].filter((finding) => finding !== undefined);
      }
    }
  }
  return [signedText === undefined ? UNEXPLAINED : WRONG_KEY];
}

const WRONG_KEY: Finding = {
  part: 'key',
  message:
    'The signature is not that of your string_to_sign under this API key. The HMAC key must be the lower-case hex SHA-256 of the secret key as 64 ASCII characters, not the secret key itself; and the secret key must be the one that belongs to this API key.',
};

const UNEXPLAINED: Finding = {
  part: 'key',
  message:
    'None of the usual mistakes gives this signature. Compare the text you sign with string_to_sign, and send it as string_to_sign to be told which line differs. If they are equal, the key is wrong: it must be the lower-case hex SHA-256 of the secret key, as 64 ASCII characters.',
};

type KeyMistake = readonly [hmacKey: string | Buffer, finding: Finding | undefined];

/** The gateway does not know the secret itself, so a signature made with it cannot be recognized. */
function keyMistakes({ secretKeyHash }: ApiKey): KeyMistake[] {
  const key = (message: string): Finding => ({ part: 'key', message });
  return [
    [secretKeyHash, undefined],
    [
      Buffer.from(secretKeyHash, 'hex'),
      key(
        'You used the 32 bytes of SHA-256(secret key) as the HMAC key; use its hex text, 64 ASCII characters.',
      ),
    ],
    [secretKeyHash.toUpperCase(), key('You used upper-case hex as the HMAC key; use lower-case.')],
  ];
}

type TextMistake = readonly [text: string, finding: Finding | undefined];

function textMistakes(request: RefusedRequest, right: SignedParts): TextMistake[] {
  const text = stringToSign(right);
  return [
    [text, undefined],
    ...headMistakes(right, text.split('\n')),
    ...bodyMistakes(request.body, text.split('\n')),
    ...formMistakes(text),
  ];
}

/** The text with one line replaced. */
function lineMistake(
  lines: string[],
  part: Part,
  line: number,
  content: string,
  message: string,
): TextMistake {
  return [lines.with(line, content).join('\n'), { part, message }];
}

function headMistakes(right: SignedParts, lines: string[]): TextMistake[] {
  const method = (content: string, message: string) => lineMistake(lines, 'method', 0, content, message);
  const path = (content: string, message: string) => lineMistake(lines, 'path', 1, content, message);
  return [
    method(right.method.toLowerCase(), 'You signed the method in lower case; sign it in upper case.'),
    method(right.method.toUpperCase(), 'You sent the method in lower case; send and sign it in upper case.'),
    path(`${right.path}/`, 'You signed the path with a slash at its end; sign it as it is sent.'),
    path(
      right.path.replace(/\/$/, ''),
      'You signed the path without the slash at its end; sign it as it is sent.',
    ),
    path(right.path.slice(1), 'You signed the path without the slash at its beginning.'),
    path(right.path.replace(/^\/v1/, ''), 'You signed the path without /v1; sign the whole path.'),
    path(decoded(right.path), 'You signed the path decoded; sign it as it is sent.'),
  ];
}

function bodyMistakes(sent: string, lines: string[]): TextMistake[] {
  const body = (content: string, message: string) => lineMistake(lines, 'body', 3, content, message);
  const leftOut = 'You left the hash of the body out; without a body it is the SHA-256 of the empty string.';
  return [
    body(
      sha256Hex(''),
      'You signed the SHA-256 of an empty body, but the request has one. Hash the exact bytes that you send.',
    ),
    body(
      sha256Hex(compactJson(sent)),
      'You signed the body as compact JSON, but sent it in another form. Make the text once, then sign and send the same text.',
    ),
    body(sha256Hex(`${sent}\n`), 'You signed the body with a line feed at its end that was not sent.'),
    body(
      sha256Hex(sent.replace(/\n$/, '')),
      'You signed the body without the line feed at its end that was sent.',
    ),
    body(sent, 'You signed the body itself; sign its SHA-256 in hex.'),
    body(
      sha256Hex(sent).toUpperCase(),
      'You signed the SHA-256 of the body in upper-case hex; use lower-case.',
    ),
    body(sha256(sent).toString('base64'), 'You signed the SHA-256 of the body in base64; use hex.'),
    body('', leftOut),
    [lines.slice(0, 3).join('\n'), { part: 'body', message: leftOut }],
  ];
}

function formMistakes(text: string): TextMistake[] {
  const lines = text.split('\n');
  const form = (signed: string, message: string): TextMistake => [signed, { part: 'separator', message }];
  return [
    form(`${text}\n`, 'You signed a line feed after the last line; there is none.'),
    form(lines.join('\r\n'), 'You separated the lines by CR LF; use LF alone.'),
    form(lines.join('\\n'), 'You separated the lines by a backslash and an n; use a line feed.'),
    form(lines.join(''), 'You joined the lines without line feeds between them.'),
  ];
}

const LINES: readonly (readonly [Part, string])[] = [
  ['method', 'method'],
  ['path', 'path'],
  ['timestamp', 'timestamp'],
  ['body', 'hash of the body'],
];

/** The key is right; says which of the four lines differ. */
function compareLines(signed: string, right: string): Finding[] {
  const [theirs, ours] = [signed.split('\n'), right.split('\n')];
  if (theirs.length !== ours.length) {
    const message = `Your text has ${theirs.length} lines and must have ${ours.length}: method, path, timestamp, hash of the body.`;
    return [{ part: 'separator', message }];
  }
  return LINES.flatMap(([part, name], index) =>
    theirs[index] === ours[index]
      ? []
      : [{ part, message: `Your ${name} is ${quote(theirs[index])} and must be ${quote(ours[index])}.` }],
  );
}

function quote(text = ''): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function compactJson(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body;
  }
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
