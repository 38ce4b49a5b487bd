/**
 * Admits a request: authenticates its caller and counts it in the caller's rate-limit windows. Until the caller is known,
 * only the headers and at most 16 KB of the body are read, and the body is parsed only for operations that accept a
 * payment_token in it. A request whose caller remains unknown is counted as a stranger's.
 */
import type { OpenAPIBackend, Operation } from 'openapi-backend';
import { DomainError, invalidField } from '../../domain/errors.ts';
import { missingAuthorization } from '../../services/authenticate.ts';
import type { ServiceDeps } from '../../services/deps.ts';
import type { Maybe } from '../rate-limits/counters.ts';
import type { RateLimits } from '../rate-limits/limits.ts';
import type { AppContext } from '../state.ts';
import { type BodyBudget, createBodyBudget, readBody, requireBodyLength } from './body.ts';
import { type Claim, type SecurityScheme, securityHandlers } from './security.ts';

/** The dependencies of admission. */
interface Gate {
  readonly deps: ServiceDeps;
  readonly limits: RateLimits;
  readonly backend: OpenAPIBackend;
  readonly budget: BodyBudget;
}

/**
 * Sets `ctx.state.caller` and `ctx.state.rawBody`.
 * @returns the operation of the request
 * @throws the refusal of a request that is not admitted
 */
export type Admit = (ctx: AppContext) => Maybe<Operation>;

export function createAdmission(deps: ServiceDeps, limits: RateLimits, backend: OpenAPIBackend): Admit {
  const gate: Gate = { deps, limits, backend, budget: createBodyBudget() };
  const schemesByOperation = new Map(
    backend.router.getOperations().map((operation) => [operation, schemesOf(operation)]),
  );
  const refuse = async (ctx: AppContext, error: unknown): Promise<never> => {
    await countRefused(limits, ctx, error);
    throw error;
  };
  return function admit(ctx) {
    try {
      const operation = requireOperation(ctx, deps.isSandbox);
      requireBodyLength(ctx, ctx.state.policy.maxBodyBytes);
      const schemes = schemesByOperation.get(operation) ?? [];
      const admitting =
        schemes.length === 0 ? admitAnyone(gate, ctx) : admitCaller(gate, operation, schemes, ctx);
      return admitting === undefined
        ? operation
        : admitting.then(
            () => operation,
            (error: unknown) => refuse(ctx, error),
          );
    } catch (error) {
      return refuse(ctx, error);
    }
  };
}

/** For operations that need no credential. */
function admitAnyone({ limits, budget }: Gate, ctx: AppContext): Maybe<void> {
  const counting = counted(ctx, limits, () => limits.countStranger(ctx.res, ctx.state.clientAddress));
  const read = () => readBody(ctx, { maxBytes: ctx.state.policy.maxBodyBytes }, budget);
  return counting instanceof Promise ? counting.then(read) : read();
}

async function admitCaller(
  gate: Gate,
  operation: Operation,
  schemes: readonly SecurityScheme[],
  ctx: AppContext,
): Promise<void> {
  const claim = await identify(gate, operation, schemes, ctx);
  await readBody(ctx, claim, gate.budget);
  const caller = await claim.prove();
  ctx.state.caller = caller;
  await counted(ctx, gate.limits, () => gate.limits.countCaller(ctx.res, caller));
}

/** The claim of the operation's first scheme whose credential is present. @throws unauthorized when there is none */
async function identify(
  { deps, backend }: Gate,
  operation: Operation,
  schemes: readonly SecurityScheme[],
  ctx: AppContext,
): Promise<Claim> {
  const pathParameters = () => pathParametersOf(backend, operation, ctx);
  for (const scheme of schemes) {
    const claim = await securityHandlers[scheme](deps, ctx, pathParameters);
    if (claim) {
      return claim;
    }
  }
  throw missingAuthorization();
}

/** Counts the request, unless the operation is exempt; then it only sets the headers of the global window. */
function counted({ state, res }: AppContext, limits: RateLimits, count: () => Maybe<void>): Maybe<void> {
  return state.policy.rateLimit === 'exempt' ? limits.showGlobal(res) : count();
}

/**
 * Counts a refused request of an unknown caller as a stranger's. Of an exempt operation too, so that whoever floods it has
 * less left for the others; but the exempt operation itself never answers 429.
 * @throws rate_limit_exceeded when the limit of strangers is reached
 */
async function countRefused(limits: RateLimits, { res, state }: AppContext, error: unknown): Promise<void> {
  if (res.hasHeader('X-RateLimit-Limit')) {
    return;
  }
  const isFault = !(error instanceof DomainError) || error.code === 'service_unavailable';
  const isExempt = state.policy.rateLimit === 'exempt';
  if (!isFault) {
    const counting = async () => limits.countStranger(res, state.clientAddress);
    await (isExempt ? counting().catch(() => undefined) : counting());
  }
  if (isFault || isExempt) {
    await limits.showGlobal(res);
  }
}

/** @throws not_found, method_not_allowed, invalid_request */
function requireOperation({ state, request, response }: AppContext, isSandbox: boolean): Operation {
  requireDecodable(request.path);
  if (state.policy.exists === 'in_sandbox' && !isSandbox) {
    throw new DomainError('not_found', 'This operation exists only in the sandbox');
  }
  if (state.operation) {
    return state.operation;
  }
  if (state.isKnownPath) {
    response.set('Allow', state.methods.join(', '));
    throw new DomainError('method_not_allowed', `This route does not support ${request.method}`);
  }
  throw new DomainError(
    'not_found',
    'There is no such route; see the API reference for the available routes',
  );
}

/** Refuses invalid percent-encoding, because decoding the path parameters would throw. */
function requireDecodable(path: string): void {
  if (!path.includes('%')) {
    return;
  }
  try {
    decodeURIComponent(path);
  } catch {
    throw invalidField('path', 'encoding', 'The path is not valid percent-encoding');
  }
}

/** The cast is safe: the gateway does not start with a contract that names other schemes than security.ts. */
function schemesOf({ security = [] }: Operation): SecurityScheme[] {
  return security.flatMap((requirement) => Object.keys(requirement) as SecurityScheme[]);
}

function pathParametersOf(
  { router }: OpenAPIBackend,
  operation: Operation,
  { request }: AppContext,
): Readonly<Record<string, string>> {
  const { method } = operation;
  const { params } = router.parseRequest({ method, path: request.path, query: {}, headers: {} }, operation);
  return params as Record<string, string>;
}
