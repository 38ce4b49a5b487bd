/**
 * Gateway nodes that can die between any two steps: the real services on the real database and the simulator, behind a
 * guard that counts every call to the database, to PayPay or to a receiver of webhooks. When its count is up the node dies: at that call, before or
 * after its effect, and nothing it still had in hand ever goes on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../src/lib/clock.ts';
import { createCrypt } from '../../src/lib/encryption.ts';
import type { Logger } from '../../src/lib/log.ts';
import { createMetrics } from '../../src/lib/metrics.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { createRegistry } from '../../src/providers/registry.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { createFollowers } from '../../src/services/events/followers.ts';
import { createWatchers } from '../../src/services/live-status/watch.ts';
import { createPingLimits } from '../../src/services/webhooks/ping-limits.ts';
import type { Db } from '../../src/store/db/query.ts';
import type { WebhookSender } from '../../src/webhook-sender/sender.ts';
import { watchedDb } from '../support/watched-db.ts';

export interface Node {
  readonly deps: ServiceDeps;
  /** Dies at the call with that number from now on (0 is the next), after its effect or before. */
  armDeath(calls: number, isAfterEffect: boolean): void;
  /** Runs work as this node; undefined when the node died in it. The next work runs in a new life. */
  run<T>(work: (deps: ServiceDeps) => Promise<T>): Promise<T | undefined>;
}

/** Thrown once at the point of death; whatever is caught and goes on after it waits for ever. */
export class NodeDied extends Error {}

interface Life {
  isOver: boolean;
  callsLeft: number;
  readonly isAfterEffect: boolean;
  readonly died: Promise<void>;
  end(): void;
}

const NEVER = new Promise<never>(() => undefined);
const lives = new AsyncLocalStorage<Life>();
let names = 0;

export function createNode(
  db: Db,
  { provider, sender }: { readonly provider: Provider; readonly sender: WebhookSender },
  clock: Clock,
  log: Logger,
): Node {
  let armed: { calls: number; isAfterEffect: boolean } | undefined;
  const base = {
    clock,
    log,
    metrics: createMetrics(),
    crypt: createCrypt(Buffer.alloc(32, 9)),
    wake: () => undefined,
    announce: () => undefined,
    followers: createFollowers(clock),
    watchers: createWatchers({
      db,
      databaseUrl: '',
      clock,
      random: () => 0.5,
      log,
      metrics: createMetrics(),
    }),
    pingLimits: createPingLimits(clock),
    keyUses: { used: () => undefined, flush: async () => undefined },
    providerCalls: { ended: () => undefined, flush: async () => undefined },
    readsPerSecond: 1_000_000,
    publicBaseUrl: 'http://localhost',
    isDraining: () => false,
    wallClock: clock,
    isSandbox: true,
    random: () => 0.5,
    webhookSender: { ...sender, send: (webhook) => guard(() => sender.send(webhook)) } as WebhookSender,
    imageFetcher: {
      findUrlFault: () => undefined,
      fetch: async () => ({ fault: 'no network' }),
      close: async () => undefined,
    },
  };
  const guardedDb = guardDb(db);
  const guardedProvider = guardProvider(provider);
  const newDeps = (): ServiceDeps => ({
    ...base,
    db: guardedDb,
    providers: createRegistry([guardedProvider]),
    // A process that starts again is another one: it does not own the leases of the dead.
    holder: `node-${++names}`,
  });
  let deps = newDeps();
  return {
    get deps() {
      return deps;
    },
    armDeath(calls, isAfterEffect) {
      armed = { calls, isAfterEffect };
    },
    async run(work) {
      const life = createLife(armed);
      armed = undefined;
      const working = lives
        // A handle of its own, so that no batch holds statements of two lives.
        .run(life, () => work({ ...deps, db: guardDb(db) }))
        .catch((error: unknown) => {
          if (error instanceof NodeDied || life.isOver) {
            return undefined;
          }
          throw error;
        });
      const result = await Promise.race([working, life.died.then(() => undefined)]);
      if (life.isOver) {
        deps = newDeps();
      }
      life.isOver = true;
      return result;
    },
  };
}

function createLife(armed: { calls: number; isAfterEffect: boolean } | undefined): Life {
  let onDeath: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    onDeath = resolve;
  });
  return {
    isOver: false,
    callsLeft: armed?.calls ?? Number.POSITIVE_INFINITY,
    isAfterEffect: armed?.isAfterEffect ?? false,
    died,
    end() {
      this.isOver = true;
      onDeath();
    },
  };
}

/** Passes a call on, unless this is where the node dies or it is dead already. */
async function guard<T>(call: () => Promise<T>): Promise<T> {
  const life = lives.getStore();
  if (!life) {
    return call();
  }
  if (life.isOver) {
    return NEVER;
  }
  const isLast = life.callsLeft-- <= 0;
  if (isLast && !life.isAfterEffect) {
    life.end();
    return NEVER;
  }
  const result = await call();
  if (isLast) {
    life.end();
  }
  return life.isOver ? NEVER : result;
}

function guardDb(db: Db): Db {
  const guarded = watchedDb((sql, bindings, options) =>
    guard(async () => db.raw(sql, bindings).options(options)),
  );
  return Object.assign(guarded, {
    transaction: <T>(work: (trx: Db) => Promise<T>) => guard(async () => db.transaction((trx) => work(trx))),
  });
}

function guardProvider(provider: Provider): Provider {
  const wrap = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || name === 'cancellableUntil') {
          return member;
        }
        return (...args: unknown[]) => guard(() => member.apply(target, args) as Promise<unknown>);
      },
    });
  const { codes, refunds } = provider;
  return { ...provider, ...(codes && { codes: wrap(codes) }), ...(refunds && { refunds: wrap(refunds) }) };
}
