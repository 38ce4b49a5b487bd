/**
 * Idempotency: a request with a key runs once, and its answer is kept and given again. Two ways, by what the work does:
 * - `transaction`: the work touches only the database, so the key, the effect and the answer commit together, and a
 *   crash leaves nothing of the three;
 * - `lease`: the work calls a provider, so the key is claimed first and the answer stored after; a repetition after a
 *   crash runs the work again, which goes on from what the first run left.
 */
import { sha256 } from '../crypt.ts';
import { DomainError } from '../domain/errors.ts';
import { inTransaction } from '../store/db.ts';
import { isLockTimeout } from '../store/faults.ts';
import { answerKey, claimKey, findKey, type KeyId, releaseKey, renewKey } from '../store/idempotency-keys.ts';
import type { ServiceDeps } from './deps.ts';
import { leaseEnd, newLeaseHolder, whileRenewing } from './lease.ts';

export interface Answer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

export interface OnceAnswer extends Answer {
  readonly isReplayed: boolean;
}

export type OnceMode = 'transaction' | 'lease';

export interface OnceRequest {
  readonly id: KeyId;
  readonly mode: OnceMode;
  /** What makes two requests the same; compared by content. */
  readonly content: unknown;
  /** The answer to a refusal that is to be kept; undefined for what a repetition should try again. */
  readonly answerTo: (error: DomainError) => Answer | undefined;
}

const KEPT_MS = 24 * 3_600_000;
const RETRY_AFTER_MS = 1_000;

/**
 * @param work gets the deps to work with: in a transaction their database is that transaction
 * @throws idempotency_conflict for another content, or while the first request runs
 */
export function runOnce(
  deps: ServiceDeps,
  request: OnceRequest,
  work: (deps: ServiceDeps) => Promise<Answer>,
): Promise<OnceAnswer> {
  return request.mode === 'transaction'
    ? runInTransaction(deps, request, work)
    : runUnderLease(deps, request, work);
}

async function runInTransaction(
  deps: ServiceDeps,
  request: OnceRequest,
  work: (deps: ServiceDeps) => Promise<Answer>,
): Promise<OnceAnswer> {
  try {
    return await inTransaction(deps.db, async (trx) => {
      const inner: ServiceDeps = { ...deps, db: trx };
      const holder = await claim(inner, request);
      if (holder === undefined) return replay(inner, request);
      // A transaction of its own, so that a refusal undoes the work but not the key.
      const answer = await keptAnswer(request, () =>
        inTransaction(trx, (workTrx) => work({ ...deps, db: workTrx })),
      );
      await store(inner, request, holder, answer);
      deps.metrics.idempotencyDecided('run');
      return { ...answer, isReplayed: false };
    });
  } catch (error) {
    throw isLockTimeout(error) ? stillRunning(deps) : error;
  }
}

async function runUnderLease(
  deps: ServiceDeps,
  request: OnceRequest,
  work: (deps: ServiceDeps) => Promise<Answer>,
): Promise<OnceAnswer> {
  const holder = await claim(deps, request);
  if (holder === undefined) return replay(deps, request);
  try {
    const renew = (until: Date) => renewKey(deps.db, request.id, holder, until);
    const answer = await whileRenewing(deps.clock, renew, () =>
      keptAnswer(request, () => work({ ...deps, onceId: onceIdOf(request.id) })),
    );
    await store(deps, request, holder, answer);
    deps.metrics.idempotencyDecided('run');
    return { ...answer, isReplayed: false };
  } catch (error) {
    await releaseKey(deps.db, request.id, holder).catch((err: unknown) =>
      deps.log.warn({ err }, 'an idempotency key was not released; its lease runs out by itself'),
    );
    throw error;
  }
}

/** @returns the holder's name, or undefined when the key is taken */
async function claim(deps: ServiceDeps, { id, content }: OnceRequest): Promise<string | undefined> {
  const now = deps.clock.now();
  const holder = newLeaseHolder(deps.holder);
  const isClaimed = await claimKey(deps.db, id, {
    requestHash: hashContent(content),
    holder,
    now,
    leasedUntil: leaseEnd(now),
    expiresAt: new Date(now.getTime() + KEPT_MS),
  });
  return isClaimed ? holder : undefined;
}

async function replay(deps: ServiceDeps, { id, content }: OnceRequest): Promise<OnceAnswer> {
  const stored = await findKey(deps.db, id);
  // It was released between our two looks.
  if (!stored) throw stillRunning(deps);
  if (!stored.requestHash.equals(hashContent(content))) {
    deps.metrics.idempotencyDecided('different_request');
    throw new DomainError('idempotency_conflict', 'This Idempotency-Key was used with a different request', {
      details: { reason: 'different_request' },
    });
  }
  if (!stored.answer) throw stillRunning(deps);
  deps.metrics.idempotencyDecided('replayed');
  return {
    status: stored.answer.status,
    body: deps.crypt.open(stored.answer.body, contextOf(id)),
    isReplayed: true,
  };
}

function store(deps: ServiceDeps, { id }: OnceRequest, holder: string, answer: Answer): Promise<void> {
  const body = deps.crypt.seal(answer.body, contextOf(id));
  return answerKey(deps.db, id, holder, { status: answer.status, body });
}

async function keptAnswer(request: OnceRequest, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const answer = error instanceof DomainError ? request.answerTo(error) : undefined;
    if (!answer) throw error;
    return answer;
  }
}

function stillRunning(deps: ServiceDeps): DomainError {
  deps.metrics.idempotencyDecided('in_progress');
  return new DomainError(
    'idempotency_conflict',
    'The first request with this Idempotency-Key is still running; try again shortly',
    { details: { reason: 'in_progress' }, retryAfterMs: RETRY_AFTER_MS },
  );
}

function contextOf({ scope, operation, key }: KeyId): string {
  return `idempotency_keys ${scope} ${operation} ${key}`;
}

/** Not the key itself: it goes into events, and a key is the caller's own business. */
function onceIdOf(id: KeyId): string {
  return sha256(contextOf(id)).toString('hex');
}

function hashContent(content: unknown): Buffer {
  return sha256(canonicalJson(content));
}

/** JSON with sorted keys: the same content in another spelling gives the same text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
