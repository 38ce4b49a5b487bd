/**
 * The configured providers, and how they are found.
 */
import type { Provider, Providers } from './provider.ts';

export interface Registry extends Providers {
  close(): Promise<void>;
}

/** @throws when two providers have the same name */
export function createRegistry(providers: readonly Provider[]): Registry {
  const byName = new Map(providers.map((provider) => [provider.name as string, provider]));
  if (byName.size < providers.length) {
    throw new Error('two providers have the same name');
  }
  return {
    list: () => providers,
    find: (name) => byName.get(name),
    findForMethod: (type) => providers.find(({ paymentMethodTypes }) => paymentMethodTypes.includes(type)),
    findForWebhook: (scheme) => providers.find(({ webhooks }) => webhooks?.securityScheme === scheme),
    async close() {
      await Promise.all(providers.map((provider) => provider.close?.()));
    },
  };
}
