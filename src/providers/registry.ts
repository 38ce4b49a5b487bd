/**
 * The providers there are, by name.
 */
import type { Provider } from './provider.ts';

export interface Registry {
  find(name: string): Provider | undefined;
  close(): Promise<void>;
}

export function createRegistry(providers: readonly Provider[]): Registry {
  const byName = new Map(providers.map((provider) => [provider.name as string, provider]));
  if (byName.size < providers.length) {
    throw new Error('two providers have the same name');
  }
  return {
    find: (name) => byName.get(name),
    async close() {
      await Promise.all(providers.map((provider) => provider.close?.()));
    },
  };
}
