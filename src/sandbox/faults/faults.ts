/**
 * Which calls to the API go wrong, and how: rules by operation, for the next few calls or with a probability, and
 * holds that stop a call until a test lets it go. Only chooses; what a fault does to an answer is in
 * fault-effects.ts.
 */
import type { OperationName } from '../core/operation.ts';
import type { Random } from '../core/random.ts';
import type { ResultName } from '../core/result-codes.ts';
import { createRules, type RuleFrequency } from '../core/rules.ts';
import type { WrongAnswer } from './wrong-answers.ts';

/**
 * What can go wrong, and when it strikes unless `when` says otherwise. `before`: nothing has happened at PayPay.
 * `after`: the effect took place and only the answer is lost or spoilt.
 */
export const DEFAULT_TIMING = {
  /** No answer, ever; the connection stays open. */
  hang: 'after',
  /** The connection is reset. */
  reset: 'after',
  /** 500 INTERNAL_SERVER_ERROR, an unknown outcome. */
  error: 'after',
  /** 502 with an HTML page, as a proxy in front of PayPay answers. */
  bad_gateway: 'before',
  /** 429 RATE_LIMIT. */
  rate_limit: 'before',
  /** 503 MAINTENANCE_MODE. */
  maintenance: 'before',
  /** The right answer, but `delayMs` late. */
  slow: 'before',
  /** An answer cut off in the middle of its JSON. */
  malformed_json: 'after',
  /** A well-formed answer that is not true; `wrong` says in which way. */
  wrong_answer: 'after',
  /** The result code named in `result`. */
  refuse: 'before',
} as const satisfies Record<string, FaultTiming>;

export type FaultTiming = 'before' | 'after';
export type FaultKind = keyof typeof DEFAULT_TIMING;

export interface Fault extends RuleFrequency {
  readonly operation: OperationName | 'any';
  readonly kind: FaultKind;
  readonly when?: FaultTiming;
  /** For `slow`. */
  readonly delayMs?: number;
  /** For `wrong_answer`. */
  readonly wrong?: WrongAnswer;
  /** For `refuse`. */
  readonly result?: ResultName;
}

/** A call that was stopped on its way. */
export interface Hold {
  /** Resolves when a call has arrived at the point where it is held. */
  readonly reached: Promise<void>;
  /** Lets it go on. May be called before it arrived: then it is not stopped at all. */
  release(): void;
}

/** What tests and the control interface do with faults. */
export interface FaultController {
  /** Adds a rule; without `times` or `probability` it strikes one call. Returns its id. */
  add(fault: Fault): string;
  /** Stops the next call of an operation before or after its effect, until released. */
  hold(operation: OperationName, when: FaultTiming): Hold;
  list(): (Fault & { id: string })[];
  remove(id: string): boolean;
  /** Removes every rule and releases every hold. */
  clear(): void;
}

export interface Faults extends FaultController {
  /** The fault that strikes this call, used up by asking. */
  take(operation: OperationName): Fault | undefined;
  /** Waits if a hold stops this call here. */
  arrive(operation: OperationName, when: FaultTiming): Promise<void>;
}

interface PendingHold {
  readonly operation: OperationName;
  readonly when: FaultTiming;
  reach(): void;
  readonly released: Promise<void>;
  release(): void;
}

/** An empty set of faults. */
export function createFaults(random: Random): Faults {
  const rules = createRules<Fault>('fault', random);
  const holds = new Set<PendingHold>();
  const stopped = new Set<PendingHold>();

  return {
    add: (fault) => rules.add(fault),
    list: () => rules.list(),
    remove: (id) => rules.remove(id),
    take: (operation) => rules.take((fault) => fault.operation === operation || fault.operation === 'any'),
    hold(operation, when) {
      const reached = createDeferred();
      const released = createDeferred();
      const pending = { operation, when, reach: reached.resolve, released: released.promise, release };
      function release(): void {
        holds.delete(pending);
        stopped.delete(pending);
        released.resolve();
      }
      holds.add(pending);
      return { reached: reached.promise, release };
    },
    async arrive(operation, when) {
      const pending = [...holds].find((one) => one.operation === operation && one.when === when);
      if (pending) {
        holds.delete(pending);
        stopped.add(pending);
        pending.reach();
        await pending.released;
      }
    },
    clear() {
      rules.clear();
      for (const pending of [...holds, ...stopped]) {
        pending.release();
      }
    },
  };
}

function createDeferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((release) => {
    resolve = release;
  });
  return { promise, resolve };
}
