/**
 * Runs an operation's handler, and runs it idempotently when the request carries an Idempotency-Key: the first response is
 * stored and replayed. Which refusals are stored is decided here: those of the domain, so that a retry of what may
 * succeed later runs again.
 */
import type { DomainError } from '../domain/errors.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { runIdempotent } from '../services/idempotency/run-idempotent.ts';
import type { IdempotentRequest, StoredResponse } from '../services/idempotency/stored-responses.ts';
import { storePaymentIntent } from '../services/operations/create-payment-intent.ts';
import { formerIdempotencyScopeOf, idempotencyScopeOf } from './caller.ts';
import { errorBody, statusOf } from './errors.ts';
import type { OperationId } from './openapi/contract.ts';
import { type Outgoing, toReplayable } from './response.ts';
import type { AppContext } from './state.ts';

/** What belongs to one run of a handler. */
export interface RequestContext {
  /** In an idempotent transaction, their database is that transaction. */
  readonly deps: ServiceDeps;
  /** Names the idempotent request, the same in its repetitions; only for operations with the mode `lease`. */
  readonly idempotencyId: string | undefined;
}

type Work = (context: RequestContext) => Promise<Outgoing>;

/** Runs `work` and stores what it creates, together with key and response when the request has a key. */
export async function runOperation(
  ctx: AppContext,
  deps: ServiceDeps,
  operation: OperationId,
  body: unknown,
  work: Work,
): Promise<Outgoing> {
  const { idempotency: mode } = ctx.state.policy;
  const key = mode === 'none' ? '' : ctx.request.get('Idempotency-Key');
  if (mode === 'none' || key === '') {
    return runWithoutKey(deps, work);
  }
  const id = { scope: idempotencyScopeOf(ctx.state.caller), operation, key };
  const request: IdempotentRequest = {
    id,
    formerScope: formerIdempotencyScopeOf(ctx.state.caller),
    mode,
    content: [ctx.request.path, body ?? null],
    responseToRefusal,
  };
  const response = await runIdempotent(deps, request, async (context) => toReplayable(await work(context)));
  if (response.isReplayed) {
    ctx.response.set('Idempotent-Replayed', 'true');
  }
  return response;
}

async function runWithoutKey(deps: ServiceDeps, work: Work): Promise<Outgoing> {
  const response = await work({ deps, idempotencyId: undefined });
  if (response.creates) {
    await storePaymentIntent(deps, response.creates);
  }
  return response;
}

/** Stored are decisions of the domain; not stored is what may come out differently next time. */
function responseToRefusal(error: DomainError): StoredResponse | undefined {
  if (error.code !== 'invalid_request' && error.code !== 'not_found') {
    return undefined;
  }
  return { status: statusOf(error.code), body: errorBody(error) };
}
