/**
 * Idempotency-Key on every POST but webhooks: runs an operation once and gives its first answer again. Which refusals
 * are kept is decided here: those of the domain, so that a retry of what may work next time runs.
 */
import type { DomainError } from '../domain/errors.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { runIdempotent } from '../services/idempotency/run-idempotent.ts';
import type {
  IdempotencyMode,
  IdempotentRequest,
  StoredResponse,
} from '../services/idempotency/stored-responses.ts';
import { idempotencyScopeOf } from './caller.ts';
import { errorBody, statusOf } from './errors.ts';
import type { OperationId } from './openapi/contract.ts';
import { type Outgoing, toReplayable } from './response.ts';
import type { AppContext } from './state.ts';

/** Operations that take a key, and how they run once: those that call a provider cannot do it in a transaction. */
const MODES: Readonly<Partial<Record<OperationId, IdempotencyMode>>> = {
  createPaymentIntent: 'statement',
  syncMerchants: 'transaction',
  confirmPaymentIntent: 'lease',
  cancelPaymentIntent: 'lease',
  capturePaymentIntent: 'lease',
};

/** Runs `work`, once when the request has a key. */
export function withIdempotency(
  ctx: AppContext,
  deps: ServiceDeps,
  operation: OperationId,
  body: unknown,
  work: (deps: ServiceDeps) => Promise<Outgoing>,
): Promise<Outgoing> {
  const key = ctx.request.get('Idempotency-Key');
  const mode = MODES[operation];
  if (key === '' || mode === undefined) {
    return work(deps);
  }
  const id = { scope: idempotencyScopeOf(ctx.state.caller), operation, key };
  return runWithKey(ctx, deps, { id, mode, content: [ctx.request.path, body ?? null], answerTo }, work);
}

async function runWithKey(
  ctx: AppContext,
  deps: ServiceDeps,
  request: IdempotentRequest,
  work: (deps: ServiceDeps) => Promise<Outgoing>,
): Promise<Outgoing> {
  const answer = await runIdempotent(deps, request, async (inner) => toReplayable(await work(inner)));
  if (answer.isReplayed) {
    ctx.response.set('Idempotent-Replayed', 'true');
  }
  return answer;
}

/** Kept: what the domain decided. Not kept: what may come out otherwise next time. */
function answerTo(error: DomainError): StoredResponse | undefined {
  if (error.code !== 'invalid_request' && error.code !== 'not_found') {
    return undefined;
  }
  return { status: statusOf(error.code), body: errorBody(error) };
}
