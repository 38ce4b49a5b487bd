/**
 * getReadiness: whether this process can take requests now.
 */
import { DomainError } from '../../domain/errors.ts';
import { requireWritable } from '../../store/db/readiness.ts';
import type { ServiceDeps } from '../deps.ts';

const RETRY_AFTER_MS = 1_000;
/** Processes that were not ready at the last check, so that only changes are logged. */
const unready = new WeakSet<object>();

/** @throws service_unavailable while shutting down, or while the database does not accept writes */
export async function getReadiness({ db, log, isDraining }: ServiceDeps): Promise<void> {
  if (isDraining()) {
    throw new DomainError('service_unavailable', 'The gateway is shutting down', {
      details: { reason: 'shutting_down' },
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
  try {
    await requireWritable(db);
  } catch (err) {
    if (!unready.has(db)) {
      unready.add(db);
      log.warn({ err }, 'not ready: the database does not accept writes');
    }
    throw new DomainError('service_unavailable', 'The database does not accept writes at the moment', {
      retryAfterMs: RETRY_AFTER_MS,
      cause: err,
    });
  }
  if (unready.delete(db)) {
    log.info('ready again: the database accepts writes');
  }
}
