/**
 * Idempotency: a request with a key runs once; its response is stored and replayed. The mode depends on what the work does:
 * - `statement`: it creates one payment intent, so key, intent and response are stored in one statement
 *   (create-idempotent.ts);
 * - `transaction`: it touches only the database, so key, effect and response commit together, and a crash leaves none of
 *   the three;
 * - `lease`: it calls a provider, so the key is claimed before and the response stored after. A repetition after a crash
 *   runs the work again, which continues from what the first run left.
 */
import { inTransaction } from '../../store/db/query.ts';
import { claimKey, releaseKey, renewKey, storeResponse } from '../../store/idempotency-keys.ts';
import type { ServiceDeps } from '../deps.ts';
import { responsePlace } from '../encryption/places.ts';
import { leaseEnd, newLeaseHolder, whileRenewing } from '../lease.ts';
import { createIdempotent } from './create-idempotent.ts';
import {
  hashContent,
  type IdempotentRequest,
  type IdempotentResponse,
  type IdempotentWork,
  idempotencyIdOf,
  RETENTION_MS,
  replay,
  runToOutcome,
  type StoredResponse,
  stillRunning,
} from './stored-responses.ts';

/** @throws idempotency_conflict for other content, or while the first request runs */
export async function runIdempotent(
  deps: ServiceDeps,
  request: IdempotentRequest,
  work: IdempotentWork,
): Promise<IdempotentResponse> {
  const response = (await runFirst(deps, request, work)) ?? (await replay(deps, request));
  if (response) {
    return response;
  }
  const { id, formerScope } = request;
  if (formerScope === undefined) {
    // The key was released between the two statements.
    throw stillRunning(deps);
  }
  // A request of the previous version has claimed the key, and perhaps died. It is continued under its own id.
  return runIdempotent(deps, { ...request, id: { ...id, scope: formerScope }, formerScope: undefined }, work);
}

/** Runs the request if it is the first with its key. @returns undefined when the key is taken */
function runFirst(
  deps: ServiceDeps,
  request: IdempotentRequest,
  work: IdempotentWork,
): Promise<IdempotentResponse | undefined> {
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
  work: IdempotentWork,
): Promise<IdempotentResponse | undefined> {
  return inTransaction(deps.db, async (trx) => {
    const inner: ServiceDeps = { ...deps, db: trx };
    const holder = await claim(inner, request);
    if (holder === undefined) {
      return undefined;
    }
    // A nested transaction, so that a refusal undoes the work but not the key.
    const { response } = await runToOutcome(request, () =>
      inTransaction(trx, (workTrx) => work({ deps: { ...deps, db: workTrx }, idempotencyId: undefined })),
    );
    await store(inner, request, holder, response);
    deps.metrics.idempotencyDecided('run');
    return { ...response, isReplayed: false };
  });
}

async function runUnderLease(
  deps: ServiceDeps,
  request: IdempotentRequest,
  work: IdempotentWork,
): Promise<IdempotentResponse | undefined> {
  const holder = await claim(deps, request);
  if (holder === undefined) {
    return undefined;
  }
  const idempotencyId = idempotencyIdOf(request.id);
  try {
    const renew = (until: Date) => renewKey(deps.db, request.id, holder, until);
    const { response } = await whileRenewing(deps.clock, renew, () =>
      runToOutcome(request, () => work({ deps, idempotencyId })),
    );
    await store(deps, request, holder, response);
    deps.metrics.idempotencyDecided('run');
    return { ...response, isReplayed: false };
  } catch (error) {
    await releaseKey(deps.db, request.id, holder).catch((err: unknown) =>
      deps.log.warn({ err }, 'an idempotency key was not released; its lease expires by itself'),
    );
    throw error;
  }
}

/** @returns the holder's name, or undefined when the key is taken */
async function claim(
  deps: ServiceDeps,
  { id, formerScope, content }: IdempotentRequest,
): Promise<string | undefined> {
  const now = deps.clock.now();
  const holder = newLeaseHolder(deps.holder);
  const isClaimed = await claimKey(deps.db, id, {
    formerScope,
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
  response: StoredResponse,
): Promise<void> {
  const body = deps.crypt.seal(response.body, responsePlace(id));
  return storeResponse(deps.db, id, holder, { status: response.status, body });
}
