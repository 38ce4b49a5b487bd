/**
 * API keys within the scope of an operator.
 */
import type { OperatorScope } from '../../../domain/operators/grants.ts';
import { isKeyInScope } from '../../../domain/operators/key-grants.ts';
import { type ApiKey, findApiKey, type Scope } from '../../../store/api-keys.ts';
import { listKeysInScope } from '../../../store/operator/keys.ts';
import type { ServiceDeps } from '../../deps.ts';
import { PAGE_SIZE, type Page, toPage } from '../page.ts';

export type { ApiKey, Scope };

/** `ending`: a rotation has replaced it, and it works for a while longer. */
export type KeyState = 'working' | 'ending' | 'expired' | 'revoked';

export function keyStateOf({ revokedAt, expiresAt, plannedExpiresAt }: ApiKey, now: Date): KeyState {
  if (revokedAt) {
    return 'revoked';
  }
  if (expiresAt && expiresAt <= now) {
    return 'expired';
  }
  return expiresAt?.getTime() === plannedExpiresAt?.getTime() ? 'working' : 'ending';
}

export interface KeyFilter {
  readonly merchantId: string | undefined;
  readonly state: 'working' | 'ended' | undefined;
  readonly after: string | undefined;
}

export async function listKeys(
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
  scope: OperatorScope,
  filter: KeyFilter,
): Promise<Page<ApiKey>> {
  const found = await listKeysInScope(db, scope, { ...filter, now: clock.now(), limit: PAGE_SIZE + 1 });
  return toPage(found, ({ apiKey }) => apiKey);
}

/** The key, even if it does not work any more; undefined when there is none, or it reaches beyond the scope. */
export async function findKey(
  { db }: Pick<ServiceDeps, 'db'>,
  scope: OperatorScope,
  apiKey: string,
): Promise<ApiKey | undefined> {
  const key = /^ak_[A-Za-z0-9_]{1,64}$/.test(apiKey) ? await findApiKey(db, apiKey) : undefined;
  return key && isKeyInScope(scope, key) ? key : undefined;
}
