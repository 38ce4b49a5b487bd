/**
 * Idempotency of what makes one payment intent: the work only says what is to be stored and what the answer is; then the
 * key, the intent and the answer are stored in one statement, together with those of other requests. A crash leaves
 * nothing of the three. That the key is taken shows there too, after work that has no effect.
 * `npm run bench -- --only idempotency` tells what a key costs.
 */
import { isLockTimeout } from '../../store/db/errors.ts';
import { insertIdempotent, type NewPaymentIntent } from '../../store/new-payment-intents.ts';
import type { ServiceDeps } from '../deps.ts';
import { unknownStore } from '../operations/create-payment-intent.ts';
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

/** @throws idempotency_conflict for another content, or while the first request runs */
export async function createIdempotent(
  deps: ServiceDeps,
  request: IdempotentRequest,
  work: (deps: ServiceDeps) => Promise<StoredResponse>,
): Promise<IdempotentResponse> {
  let made: NewPaymentIntent | undefined;
  const keeping = withKeepMade(deps, (next) => {
    made = next;
  });
  const answer = await replayableResponse(request, () => work(keeping));
  const stored = await store(deps, request, answer, made);
  if (stored === 'taken') {
    return replay(deps, request);
  }
  if (stored === 'stored') {
    return { ...answer, isReplayed: false };
  }
  const refusal = await replayableResponse(request, () => Promise.reject(unknownStore()));
  const isStored = (await store(deps, request, refusal, undefined)) === 'stored';
  return isStored ? { ...refusal, isReplayed: false } : replay(deps, request);
}

/**
 * Not a copy: copying all of the deps would cost each request several microseconds. Whoever gets it must not spread it,
 * for what is inherited would be missing from the copy.
 */
function withKeepMade(deps: ServiceDeps, keepMade: (made: NewPaymentIntent) => void): ServiceDeps {
  return Object.assign(Object.create(deps) as ServiceDeps, { keepMade });
}

async function store(
  deps: ServiceDeps,
  { id, content }: IdempotentRequest,
  answer: StoredResponse,
  made: NewPaymentIntent | undefined,
): Promise<'stored' | 'taken' | 'unknown_store'> {
  const now = deps.clock.now();
  const sealed = { status: answer.status, body: deps.crypt.seal(answer.body, contextOf(id)) };
  const expiresAt = new Date(now.getTime() + RETENTION_MS);
  const requestHash = hashContent(content);
  try {
    const stored = await insertIdempotent(deps.db, { id, requestHash, answer: sealed, now, expiresAt, made });
    if (stored === 'stored') {
      deps.metrics.idempotencyDecided('run');
    }
    if (stored === 'stored' && made) {
      deps.metrics.intentMoved('none', made.intent.status);
    }
    return stored;
  } catch (error) {
    throw isLockTimeout(error) ? stillRunning(deps) : error;
  }
}
