/**
 * Selects the API calls that fail, and how: rules by operation, for the next few calls or with a probability, and holds
 * that pause a call until a test releases it. What a fault does is in fault-effects.ts.
 */
import type { OperationName } from '../core/operation.ts';
import type { Random } from '../core/random.ts';
import type { ResultName } from '../core/result-codes.ts';
import { createRules, type RuleFrequency } from '../core/rules.ts';
import type { WrongAnswer } from './wrong-answers.ts';

/**
 * The kinds of fault, and when each is injected by default. `before`: the operation has not run, and does not run unless
 * the fault is `slow`. `after`: the operation has run, and only its response is affected.
 */
export const DEFAULT_TIMING = {
  /** No response; the connection stays open. */
  hang: 'after',
  /** The connection is reset. */
  reset: 'after',
  /** 500 INTERNAL_SERVER_ERROR, an unknown outcome. */
  error: 'after',
  /** 502 with an HTML page, as from a proxy in front of PayPay. */
  bad_gateway: 'before',
  /** 429 RATE_LIMIT. */
  rate_limit: 'before',
  /** 503 MAINTENANCE_MODE. */
  maintenance: 'before',
  /** The correct response, `delayMs` late. */
  slow: 'before',
  /** A response truncated in the middle of its JSON. */
  malformed_json: 'after',
  /** A well-formed response with false data; `wrong` selects what is false. */
  wrong_answer: 'after',
  /** An error response with the result code named in `result`. */
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

/** A pause of one call, before or after its effect. */
export interface Hold {
  /** Resolves when a call has been paused. */
  readonly reached: Promise<void>;
  /** Lets the call continue. When no call has been paused yet, none will be. */
  release(): void;
}

/** Control over faults, for tests and the control interface. */
export interface FaultController {
  /** Adds a rule and returns its id. Without `times` and `probability` it affects one call. */
  add(fault: Fault): string;
  /** Pauses the next call of an operation, before or after its effect, until released. */
  hold(operation: OperationName, when: FaultTiming): Hold;
  list(): (Fault & { id: string })[];
  /** @returns false when there is no such fault */
  remove(id: string): boolean;
  /** Removes every rule and releases every hold. */
  clear(): void;
}

export interface Faults extends FaultController {
  /** Returns the fault for this call, if any, and counts this use. */
  take(operation: OperationName): Fault | undefined;
  /** Waits while a hold pauses this call at this point. */
  waitIfHeld(operation: OperationName, when: FaultTiming): Promise<void>;
}

interface PendingHold {
  readonly operation: OperationName;
  readonly when: FaultTiming;
  reach(): void;
  readonly released: Promise<void>;
  release(): void;
}

/** Creates an empty set of faults. */
export function createFaults(random: Random): Faults {
  const rules = createRules<Fault>('fault', random);
  const waiting = new Set<PendingHold>();
  const reached = new Set<PendingHold>();

  return {
    add: (fault) => rules.add(fault),
    list: () => rules.list(),
    remove: (id) => rules.remove(id),
    take: (operation) => rules.take((fault) => fault.operation === operation || fault.operation === 'any'),
    hold(operation, when) {
      const arrival = createDeferred();
      const departure = createDeferred();
      const pending = { operation, when, reach: arrival.resolve, released: departure.promise, release };
      function release(): void {
        waiting.delete(pending);
        reached.delete(pending);
        departure.resolve();
      }
      waiting.add(pending);
      return { reached: arrival.promise, release };
    },
    async waitIfHeld(operation, when) {
      const pending = [...waiting].find((hold) => hold.operation === operation && hold.when === when);
      if (pending) {
        waiting.delete(pending);
        reached.add(pending);
        pending.reach();
        await pending.released;
      }
    },
    clear() {
      rules.clear();
      for (const pending of [...waiting, ...reached]) {
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
