/**
 * What the ways to run a request once have in common (run-once.ts, create-once.ts): what a kept answer is, which refusals
 * are kept, and how an answer is given again.
 */
import { DomainError } from '../../domain/errors.ts';
import { sha256 } from '../../lib/encryption.ts';
import { findKey, type KeyId } from '../../store/idempotency-keys.ts';
import type { ServiceDeps } from '../deps.ts';

export interface StoredResponse {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

export interface IdempotentResponse extends StoredResponse {
  readonly isReplayed: boolean;
}

export type IdempotencyMode = 'transaction' | 'lease' | 'statement';

export interface IdempotentRequest {
  readonly id: KeyId;
  readonly mode: IdempotencyMode;
  /** What makes two requests the same; compared by content. */
  readonly content: unknown;
  /** The answer to a refusal that is to be kept; undefined for what a repetition should try again. */
  readonly answerTo: (error: DomainError) => StoredResponse | undefined;
}

export const RETENTION_MS = 24 * 3_600_000;
const RETRY_AFTER_MS = 1_000;

/** The answer kept under a key that is taken. */
export async function replay(
  deps: ServiceDeps,
  { id, content }: IdempotentRequest,
): Promise<IdempotentResponse> {
  const stored = await findKey(deps.db, id);
  // It was released between our two looks.
  if (!stored) {
    throw stillRunning(deps);
  }
  if (!stored.requestHash.equals(hashContent(content))) {
    deps.metrics.idempotencyDecided('different_request');
    throw new DomainError('idempotency_conflict', 'This Idempotency-Key was used with a different request', {
      details: { reason: 'different_request' },
    });
  }
  if (!stored.answer) {
    throw stillRunning(deps);
  }
  deps.metrics.idempotencyDecided('replayed');
  return {
    status: stored.answer.status,
    body: deps.crypt.open(stored.answer.body, contextOf(id)),
    isReplayed: true,
  };
}

/** The answer of the work, or the one to its refusal when that is kept. */
export async function replayableResponse(
  request: IdempotentRequest,
  work: () => Promise<StoredResponse>,
): Promise<StoredResponse> {
  try {
    return await work();
  } catch (error) {
    const answer = error instanceof DomainError ? request.answerTo(error) : undefined;
    if (!answer) {
      throw error;
    }
    return answer;
  }
}

/** The refusal while another request holds the key. */
export function stillRunning(deps: ServiceDeps): DomainError {
  deps.metrics.idempotencyDecided('in_progress');
  return new DomainError(
    'idempotency_conflict',
    'The first request with this Idempotency-Key is still running; try again shortly',
    { details: { reason: 'in_progress' }, retryAfterMs: RETRY_AFTER_MS },
  );
}

/** Binds what is encrypted to its key. */
export function contextOf({ scope, operation, key }: KeyId): string {
  return `idempotency_keys ${scope} ${operation} ${key}`;
}

/** What tells two requests apart. */
export function hashContent(content: unknown): Buffer {
  return sha256(canonicalJson(content));
}

/** JSON with sorted keys: the same content in another spelling gives the same text. Of what JSON.parse gives, nothing else. */
function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonicalJson).join(',')}]`;
  }
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`).join(',')}}`;
}
