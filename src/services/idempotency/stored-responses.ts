/**
 * What the ways to run a request idempotently have in common (run-idempotent.ts, create-idempotent.ts): stored responses,
 * which refusals are stored, and the replay of a response.
 */
import { DomainError } from '../../domain/errors.ts';
import { sha256, sha256Hex } from '../../lib/hash.ts';
import { findKey, type KeyId } from '../../store/idempotency-keys.ts';
import type { NewPaymentIntent } from '../../store/new-payment-intents.ts';
import type { ServiceDeps } from '../deps.ts';
import { responsePlace } from '../encryption/places.ts';

export interface StoredResponse {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

export interface IdempotentResponse extends StoredResponse {
  readonly isReplayed: boolean;
}

/** The result of one run: the response, and what is to be stored together with it. */
export interface IdempotentOutcome {
  readonly response: StoredResponse;
  readonly creates: NewPaymentIntent | undefined;
}

/** What the work of an idempotent request gets. */
export interface IdempotentContext {
  /** In the mode `transaction`, their database is that transaction. */
  readonly deps: ServiceDeps;
  /**
   * Names the request, the same in its repetitions. Only in the mode `lease`, where a repetition may find effects of an
   * earlier run.
   */
  readonly idempotencyId: string | undefined;
}

export type IdempotentWork = (context: IdempotentContext) => Promise<IdempotentOutcome>;

export type IdempotencyMode = 'transaction' | 'lease' | 'statement';

export interface IdempotentRequest {
  readonly id: KeyId;
  /** The id under which the previous version may have stored a response to this request. It is as valid as under `id`. */
  readonly formerScope?: string | undefined;
  readonly mode: IdempotencyMode;
  /** What makes two requests the same; compared by content. */
  readonly content: unknown;
  /** The response to a refusal that is to be stored; undefined for a refusal that a repetition should try again. */
  readonly responseToRefusal: (error: DomainError) => StoredResponse | undefined;
}

/** How long a response is replayed (API reference, "Idempotency"). */
export const RETENTION_MS = 24 * 3_600_000;
const RETRY_AFTER_MS = 1_000;

/**
 * The response stored under a key that another request holds; undefined when no request holds it.
 * @throws idempotency_conflict when that was another request, or is still running
 */
export async function replay(
  deps: ServiceDeps,
  { id, content }: IdempotentRequest,
): Promise<IdempotentResponse | undefined> {
  const stored = await findKey(deps.db, id);
  if (!stored) {
    return undefined;
  }
  if (!stored.requestHash.equals(hashContent(content))) {
    deps.metrics.idempotencyDecided('different_request');
    throw new DomainError('idempotency_conflict', 'This Idempotency-Key was used with a different request', {
      details: { reason: 'different_request' },
    });
  }
  if (!stored.response) {
    throw stillRunning(deps);
  }
  deps.metrics.idempotencyDecided('replayed');
  return {
    status: stored.response.status,
    body: deps.crypt.open(stored.response.body, responsePlace(id)),
    isReplayed: true,
  };
}

/** Runs the work; a refusal that is to be stored becomes its response. */
export async function runToOutcome(
  request: IdempotentRequest,
  work: () => Promise<IdempotentOutcome>,
): Promise<IdempotentOutcome> {
  try {
    return await work();
  } catch (error) {
    const response = error instanceof DomainError ? request.responseToRefusal(error) : undefined;
    if (!response) {
      throw error;
    }
    return { response, creates: undefined };
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

/** Not the key itself, which belongs to the caller: this goes into events. */
export function idempotencyIdOf({ scope, operation, key }: KeyId): string {
  return sha256Hex(`idempotency_keys ${scope} ${operation} ${key}`);
}

/** What distinguishes two requests. */
export function hashContent(content: unknown): Buffer {
  return sha256(canonicalJson(content));
}

/** JSON with sorted keys, so that the same content in another spelling gives the same text. Takes what JSON.parse returns. */
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
