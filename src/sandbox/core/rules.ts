/**
 * Rules that apply to the next few events, or to each event with a probability. API faults and webhook delivery
 * faults are such rules. Random numbers are drawn only for rules that match, so that a run with a seed is repeatable.
 */
import type { Random } from './random.ts';

/** How often a rule applies. With neither member it applies once. */
export interface RuleFrequency {
  /** The rule is removed after it has applied this many times. */
  readonly times?: number;
  /** Probability that the rule applies to a matching event, from 0 to 1. */
  readonly probability?: number;
}

export interface Rules<Rule extends RuleFrequency> {
  /** Appends a rule and returns its id. */
  add(rule: Rule): string;
  /** Returns the first rule that matches and applies, and counts this use. */
  take(matches: (rule: Rule) => boolean): Rule | undefined;
  list(): (Rule & { id: string })[];
  /** @returns false when there is no such rule */
  remove(id: string): boolean;
  clear(): void;
}

/** Creates an empty set of rules. Ids are the prefix and a number. */
export function createRules<Rule extends RuleFrequency>(prefix: string, random: Random): Rules<Rule> {
  const rules = new Map<string, Rule>();
  let lastNumber = 0;

  function tryApply(id: string, rule: Rule): boolean {
    if (rule.probability !== undefined && random() >= rule.probability) {
      return false;
    }
    if (rule.times !== undefined && rule.times > 1) {
      rules.set(id, { ...rule, times: rule.times - 1 });
    } else if (rule.times !== undefined) {
      rules.delete(id);
    }
    return true;
  }

  return {
    add(rule) {
      lastNumber += 1;
      const id = `${prefix}_${lastNumber}`;
      const hasFrequency = rule.times !== undefined || rule.probability !== undefined;
      rules.set(id, hasFrequency ? { ...rule } : { ...rule, times: 1 });
      return id;
    },
    take(matches) {
      for (const [id, rule] of rules) {
        if (matches(rule) && tryApply(id, rule)) {
          return rule;
        }
      }
      return undefined;
    },
    list: () => [...rules].map(([id, rule]) => ({ ...rule, id })),
    remove: (id) => rules.delete(id),
    clear: () => rules.clear(),
  };
}
