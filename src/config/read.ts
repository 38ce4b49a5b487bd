/**
 * Reads single environment variables. A wrong value is reported in one line that names the variable.
 */

/** A setting with which the gateway cannot start. */
export class ConfigError extends Error {
  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`);
    this.name = 'ConfigError';
  }

  /** One line for each setting, which begins with the name of its variable. */
  get problems(): readonly string[] {
    return [this.message];
  }
}

/** Several settings with which the gateway cannot start. */
class ConfigErrors extends ConfigError {
  readonly #problems: readonly string[];

  constructor(problems: readonly string[], warnings: readonly string[]) {
    const risky = warnings.length > 0 ? ['risky, but allowed:', ...indent(warnings)] : [];
    super(`${problems.length} settings`, ['must be changed:', ...indent(problems), ...risky].join('\n'));
    this.#problems = problems;
  }

  override get problems(): readonly string[] {
    return this.#problems;
  }
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** A function for each field of an object, which reads it or throws a ConfigError. */
export type Readers<T> = { readonly [K in keyof T]: () => T[K] };

/**
 * Calls all readers, so that somebody who sets up a gateway gets all problems at once.
 * @param warnings settings that are allowed but risky, to be listed beside problems
 * @throws ConfigError about all settings with which a reader failed
 */
export function readAll<T extends object>(readers: Readers<T>, warnings: readonly string[] = []): T {
  const problems = new Set<string>();
  const values = Object.entries<() => unknown>(readers).map(([name, reader]) => {
    try {
      return [name, reader()];
    } catch (error) {
      if (!(error instanceof ConfigError)) {
        throw error;
      }
      for (const problem of error.problems) {
        problems.add(problem);
      }
      return [name, undefined];
    }
  });
  const [first, ...others] = problems;
  if (first === undefined) {
    return Object.fromEntries(values) as T;
  }
  const [variable = ''] = first.split(' ', 1);
  throw others.length === 0
    ? new ConfigError(variable, first.slice(variable.length + 1))
    : new ConfigErrors([...problems], warnings);
}

export type Env = Readonly<Record<string, string | undefined>>;

/** Host names in URLs that always mean this machine. */
export const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The trimmed value of a variable. An empty value counts as not set, as is common in env files. */
export function read(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** @throws ConfigError unless the value is an integer between `min` and `max`, both inclusive */
export function readInteger(env: Env, name: string, fallback: number, max: number, min = 0): number {
  const text = read(env, name);
  if (text === undefined) {
    return fallback;
  }
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new ConfigError(name, `must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** @throws ConfigError unless the value is a URL with one of the protocols, such as `https:` */
export function readUrl(env: Env, name: string, protocols: readonly string[]): string | undefined {
  const text = read(env, name);
  if (text === undefined) {
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !protocols.includes(url.protocol)) {
    throw new ConfigError(
      name,
      `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
  }
  return text;
}
