/**
 * Idempotency: a request with a key runs once, and its answer is kept and given again. Three ways, by what the work does:
 * - `statement`: the work makes one payment intent, so the key, the intent and the answer are one statement
 *   (create-once.ts);
 * - `transaction`: the work touches only the database, so the key, the effect and the answer commit together, and a
 *   crash leaves nothing of the three;
 * - `lease`: the work calls a provider, so the key is claimed first and the answer stored after; a repetition after a
 *   crash runs the work again, which goes on from what the first run left.
 */
import { sha256 } from '../../lib/encryption.ts';
import { isLockTimeout } from '../../store/db/errors.ts';
import { inTransaction } from '../../store/db/query.ts';
import { claimKey, type KeyId, releaseKey, renewKey, storeResponse } from '../../store/idempotency-keys.ts';
import type { ServiceDeps } from '../deps.ts';
import { leaseEnd, newLeaseHolder, whileRenewing } from '../lease.ts';
import { createIdempotent } from './create-idempotent.ts';
import {
  contextOf,
  hashContent,
  type IdempotentRequest,
  type IdempotentResponse,
  RETENTION_MS,
  replay,
  replayableResponse,
  type StoredResponse,
  stillRunning,
} from './stored-responses.ts';

/**
 * @param work gets the deps to work with: in a transaction their database is that transaction
 * @throws idempotency_conflict for another content, or while the first request runs
 */
export function runIdempotent(
  deps: ServiceDeps,
  request: IdempotentRequest,
  work: (deps: ServiceDeps) => Promise<StoredResponse>,
): Promise<IdempotentResponse> {
  switch (request.mode) {
    case 'statement':
      return createIdempotent(deps, request, work);
    case 'transaction':
      return runInTransaction(deps, request, work);
    case 'lease':
      return runUnderLease(deps, request, work);
  }
}

async function runInTransaction(
  deps: ServiceDeps,
  request: IdempotentRequest,
  work: (deps: ServiceDeps) => Promise<StoredResponse>,
): Promise<IdempotentResponse> {
  try {
    return await inTransaction(deps.db, async (trx) => {
      const inner: ServiceDeps = { ...deps, db: trx };
      const holder = await claim(inner, request);
      if (holder === undefined) {
        return replay(inner, request);
      }
      // A transaction of its own, so that a refusal undoes the work but not the key.
      const answer = await replayableResponse(request, () =>
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
  request: IdempotentRequest,
  work: (deps: ServiceDeps) => Promise<StoredResponse>,
): Promise<IdempotentResponse> {
  const holder = await claim(deps, request);
  if (holder === undefined) {
    return replay(deps, request);
  }
  try {
    const renew = (until: Date) => renewKey(deps.db, request.id, holder, until);
    const answer = await whileRenewing(deps.clock, renew, () =>
      replayableResponse(request, () => work({ ...deps, idempotencyId: idempotencyIdOf(request.id) })),
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
async function claim(deps: ServiceDeps, { id, content }: IdempotentRequest): Promise<string | undefined> {
  const now = deps.clock.now();
  const holder = newLeaseHolder(deps.holder);
  const isClaimed = await claimKey(deps.db, id, {
    requestHash: hashContent(content),
    holder,
    now,
    leasedUntil: leaseEnd(now),
    expiresAt: new Date(now.getTime() + RETENTION_MS),
  });
  return isClaimed ? holder : undefined;
}

function store(
  deps: ServiceDeps,
  { id }: IdempotentRequest,
  holder: string,
  answer: StoredResponse,
): Promise<void> {
  const body = deps.crypt.seal(answer.body, contextOf(id));
  return storeResponse(deps.db, id, holder, { status: answer.status, body });
}

/** Not the key itself: it goes into events, and a key is the caller's own business. */
function idempotencyIdOf(id: KeyId): string {
  return sha256(contextOf(id)).toString('hex');
}
