/**
 * getReadiness: whether this process can take requests now.
 */
import { DomainError } from '../../domain/errors.ts';
import { query } from '../../store/db/query.ts';
import type { ServiceDeps } from '../deps.ts';

const RETRY_AFTER_MS = 1_000;

/** @throws service_unavailable while shutting down; whatever the database throws when it does not answer */
export async function getReadiness(deps: ServiceDeps): Promise<void> {
  if (deps.isDraining()) {
    throw new DomainError('service_unavailable', 'The gateway is shutting down', {
      details: { reason: 'shutting_down' },
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
  await query(deps.db, 'select 1');
}
