/**
 * Rules that strike some of the things that pass by: the next few, or each with a probability. Faults of the API and
 * games with webhooks are both such rules. Draws from the seeded randomness only for rules that match, so that a
 * seeded run repeats.
 */
import type { Random } from './random.ts';

/** How often a rule strikes. With neither member it strikes once. */
export interface RuleTerms {
  /** So many strikes, then the rule is gone. */
  readonly times?: number;
  /** Chance to strike, from 0 to 1. */
  readonly probability?: number;
}

export interface Rules<Rule extends RuleTerms> {
  /** Adds a rule after the others and returns its id. */
  add(rule: Rule): string;
  /** The first rule that matches and strikes; its strike is used up. */
  take(matches: (rule: Rule) => boolean): Rule | undefined;
  list(): (Rule & { id: string })[];
  remove(id: string): boolean;
  clear(): void;
}

/** An empty set of rules. */
export function createRules<Rule extends RuleTerms>(prefix: string, random: Random): Rules<Rule> {
  const rules = new Map<string, Rule>();
  let lastNumber = 0;

  function matchRule(id: string, rule: Rule): boolean {
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
      const isOpenEnded = rule.times !== undefined || rule.probability !== undefined;
      rules.set(id, isOpenEnded ? { ...rule } : { ...rule, times: 1 });
      return id;
    },
    take(matches) {
      for (const [id, rule] of rules) {
        if (matches(rule) && matchRule(id, rule)) {
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
