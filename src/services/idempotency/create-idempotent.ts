/**
 * The idempotency mode `statement`, for an operation whose only effect is one new payment intent: the work builds the
 * intent and the response; then key, intent and response are stored in one statement, batched with those of other
 * requests. A crash leaves none of the three. That statement also checks the key, after the work; this is safe because the
 * work has no effects. `npm run bench -- --only idempotency` measures what a key costs.
 */
import { insertIdempotent } from '../../store/new-payment-intents.ts';
import type { ServiceDeps } from '../deps.ts';
import { responsePlace } from '../encryption/places.ts';
import { unknownStore } from '../operations/create-payment-intent.ts';
import {
  hashContent,
  type IdempotentOutcome,
  type IdempotentRequest,
  type IdempotentResponse,
  type IdempotentWork,
  RETENTION_MS,
  runToOutcome,
} from './stored-responses.ts';

/**
 * @returns undefined when the key is taken
 * @throws idempotency_conflict while the first request runs
 */
export async function createIdempotent(
  deps: ServiceDeps,
  request: IdempotentRequest,
  work: IdempotentWork,
): Promise<IdempotentResponse | undefined> {
  const outcome = await runToOutcome(request, () => work({ deps, idempotencyId: undefined }));
  const stored = await store(deps, request, outcome);
  if (stored === 'taken') {
    return undefined;
  }
  if (stored === 'stored') {
    return { ...outcome.response, isReplayed: false };
  }
  const refusal = await runToOutcome(request, () => Promise.reject(unknownStore()));
  const isStored = (await store(deps, request, refusal)) === 'stored';
  return isStored ? { ...refusal.response, isReplayed: false } : undefined;
}

async function store(
  deps: ServiceDeps,
  { id, formerScope, content }: IdempotentRequest,
  { response, creates }: IdempotentOutcome,
): Promise<'stored' | 'taken' | 'unknown_store'> {
  const now = deps.clock.now();
  const sealed = { status: response.status, body: deps.crypt.seal(response.body, responsePlace(id)) };
  const expiresAt = new Date(now.getTime() + RETENTION_MS);
  const requestHash = hashContent(content);
  const stored = await insertIdempotent(deps.db, {
    id,
    formerScope,
    requestHash,
    response: sealed,
    now,
    expiresAt,
    made: creates,
  });
  if (stored === 'stored') {
    deps.metrics.idempotencyDecided('run');
    if (creates) {
      deps.metrics.intentMoved('none', creates.intent.status);
    }
  }
  return stored;
}
