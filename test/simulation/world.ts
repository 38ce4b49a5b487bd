/**
 * What the steps of a simulation act on, and how they act: on a node, which may die, and with keys as a merchant has them.
 */
import { DomainError } from '../../src/domain/errors.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { runIdempotent } from '../../src/services/idempotency/run-idempotent.ts';
import type { StoredResponse } from '../../src/services/idempotency/stored-responses.ts';
import { createWorkers } from '../../src/workers/workers.ts';
import type { TestClock } from '../support/clock.ts';
import type { Memory } from './checks.ts';
import { DatabaseFault } from './database-faults.ts';
import type { Surroundings } from './misbehaviour.ts';
import type { Node } from './nodes.ts';
import type { EventsMemory } from './webhooks.ts';

/** Everything the steps act on. */
export interface World extends Surroundings {
  readonly clock: TestClock;
  readonly sandbox: Sandbox;
  readonly nodes: readonly [Node, Node];
  readonly memory: Memory;
  readonly events: EventsMemory;
  /** What may happen next, by weight. */
  readonly steps: readonly WeightedStep[];
  deaths: number;
}

export const MERCHANT = 'merchant_sim';

export type Step = (world: World) => Promise<unknown>;
export type WeightedStep = readonly [weight: number, step: Step];

/** Runs work on a node; a refusal is an answer, a death is silence, anything else is a fault of ours. */
export async function act<T>(
  world: World,
  what: string,
  work: (deps: ServiceDeps) => Promise<T>,
  at?: Node,
): Promise<T | undefined> {
  const node = at ?? world.random.pick(world.nodes);
  const name = node === world.nodes[0] ? 'A' : 'B';
  const before = node.deps;
  try {
    const result = await node.run(work);
    const isDead = node.deps !== before;
    if (isDead) {
      world.deaths += 1;
    }
    world.say(`${name}: ${what}${isDead ? ' — the node dies' : ''}`);
    return result;
  } catch (error) {
    if (error instanceof DatabaseFault) {
      world.say(`${name}: ${what}: service_unavailable`);
      return undefined;
    }
    if (!(error instanceof DomainError) || error.code === 'internal_error') {
      throw error;
    }
    world.say(
      `${name}: ${what}: ${error.code} ${JSON.stringify(error.details['reason'] ?? error.details['status'] ?? error.details['constraint'] ?? '')}`,
    );
    return undefined;
  }
}

export interface KeyedRequest {
  readonly operation: string;
  readonly key: string | undefined;
  readonly content: string;
  readonly mode: 'lease' | 'transaction';
}

/** With a key as a merchant's retry would have it; the response as JSON. */
export async function once(
  deps: ServiceDeps,
  { operation, key, content, mode }: KeyedRequest,
  work: (deps: ServiceDeps, idempotencyId: string | undefined) => Promise<unknown>,
): Promise<string> {
  if (key === undefined) {
    return JSON.stringify(await work(deps, undefined));
  }
  const responseToRefusal = (error: DomainError): StoredResponse | undefined =>
    error.code === 'invalid_request' ? { status: 400, body: '' } : undefined;
  const request = {
    id: { scope: MERCHANT, operation, key },
    mode,
    content,
    responseToRefusal,
  };
  const answer = await runIdempotent(deps, request, async (context) => ({
    response: { status: 200, body: JSON.stringify(await work(context.deps, context.idempotencyId)) },
    creates: undefined,
  }));
  if (answer.status !== 200) {
    throw new DomainError('invalid_request', 'kept');
  }
  return answer.body;
}

export async function anyIntent({ db, random }: World): Promise<string | undefined> {
  const { rows } = (await db.raw('select id from payment_intents order by id desc limit 8')) as {
    rows: { id: string }[];
  };
  return rows.length === 0 ? undefined : random.pick(rows).id;
}

export async function runOnce(deps: ServiceDeps, name: string): Promise<void> {
  const worker = createWorkers(deps).find((candidate) => candidate.name === name);
  await worker?.runOnce();
  await worker?.finish?.();
}
