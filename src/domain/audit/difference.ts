/**
 * What an act changed: the fields that differ, as they were before and as they are afterwards.
 */
import type { JsonObject } from './act.ts';
import { canonicalJson } from './chain.ts';

export interface Difference {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** Undefined when nothing differs. Both objects have the same fields. */
export function differenceOf<T extends JsonObject>(before: T, after: T): Difference | undefined {
  const names = Object.keys(after).filter((name) => textOf(before[name]) !== textOf(after[name]));
  return names.length === 0 ? undefined : { before: pick(before, names), after: pick(after, names) };
}

function textOf(value: JsonObject[string] | undefined): string {
  return canonicalJson(value ?? null);
}

function pick(from: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
}
