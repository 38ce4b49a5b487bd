/**
 * Processes the webhook inbox. A message is only a hint: the payment it names is read from the provider, and only that
 * record counts. Webhooks about unknown payments are kept as orphaned, because the provider may hold money for them.
 */
import { backoffMs } from '../../lib/backoff.ts';
import { isId } from '../../lib/ids.ts';
import { type AttemptCheck, findAttempt } from '../../store/payment-lists.ts';
import {
  claimDueWebhooks,
  countDueWebhooks,
  type FinalStatus,
  finishWebhook,
  postponeWebhook,
  type StoredWebhook,
} from '../../store/provider-webhooks.ts';
import type { ServiceDeps } from '../deps.ts';
import { leaseEnd } from '../lease.ts';
import { reconcileAttempt } from '../reconcile/reconcile-attempt.ts';
import { type JobLimits, type JobRun, runEach } from './job.ts';
import { takeReads } from './read-budget.ts';

/** A message may arrive before the commit of its attempt, so an unknown attempt is looked up this often, backing off. */
const MAX_UNKNOWN_TRIES = 4;
/** While the provider cannot be read, the poller keeps reading too; a message is retried this often at most. */
const MAX_TRIES = 12;
const UNKNOWN = 'unknown_reference';
const BACKOFF = { firstMs: 1_000, maxMs: 60_000 };

/** One run over due messages. */
export async function processProviderWebhooks(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const now = deps.clock.now();
  const limit = await takeReads(deps, await countDueWebhooks(deps.db, now, limits.limit));
  if (limit === 0) {
    return { taken: 0, done: 0, failed: 0 };
  }
  const due = await claimDueWebhooks(deps.db, now, leaseEnd(now), limit);
  return runEach(deps, 'webhooks', due, limits, (webhook) => processWebhook(deps, webhook));
}

async function processWebhook(deps: ServiceDeps, webhook: StoredWebhook): Promise<boolean> {
  const attempt = await findAttempt(deps.db, ourAttemptId(webhook), webhook.providerPaymentId);
  if (!attempt) {
    return fileUnknown(deps, webhook);
  }
  if (wasReadSince(attempt, webhook.receivedAt, deps.clock.now())) {
    return file(deps, webhook, 'processed', 'read_since');
  }
  const result = await reconcileAttempt(deps, attempt.id, {
    goal: 'read',
    actor: 'webhook',
    isScheduled: true,
  });
  if (result && !result.failure) {
    return file(deps, webhook, 'processed', `attempt ${result.attempt.status}`);
  }
  return retryLater(deps, webhook, result?.failure?.reason.code ?? 'in_progress', MAX_TRIES);
}

/** The attempt that a message names, if the id has our form. */
function ourAttemptId({ attemptId }: StoredWebhook): string | undefined {
  return attemptId !== undefined && isId('pa', attemptId) ? attemptId : undefined;
}

async function fileUnknown(deps: ServiceDeps, webhook: StoredWebhook): Promise<boolean> {
  const isOurForm = ourAttemptId(webhook) !== undefined;
  if (isOurForm && webhook.tries < MAX_UNKNOWN_TRIES) {
    return retryLater(deps, webhook, UNKNOWN, MAX_UNKNOWN_TRIES);
  }
  const { id, attemptId, providerPaymentId } = webhook;
  if (attemptId === undefined && providerPaymentId === undefined) {
    return file(deps, webhook, 'ignored', UNKNOWN);
  }
  deps.log.warn(
    { webhookId: id, attemptId, providerPaymentId },
    'a webhook is about an unknown payment; pgw money check shows what the provider holds for it',
  );
  return file(deps, webhook, 'orphaned', UNKNOWN);
}

async function retryLater(
  deps: ServiceDeps,
  webhook: StoredWebhook,
  note: string,
  maxTries: number,
): Promise<boolean> {
  if (webhook.tries >= maxTries) {
    return file(deps, webhook, 'ignored', note);
  }
  const pauseMs = backoffMs(webhook.tries - 1, BACKOFF, deps.random());
  await postponeWebhook(deps.db, webhook.id, note, new Date(deps.clock.now().getTime() + pauseMs));
  return false;
}

/**
 * Whether the payment was read after the message arrived, so that a hundred messages about one payment cost one read. A read
 * whose time lies in the future may have been earlier and does not count.
 */
function wasReadSince({ checkedAt, hasFailed }: AttemptCheck, receivedAt: Date, now: Date): boolean {
  return checkedAt !== undefined && !hasFailed && checkedAt > receivedAt && checkedAt <= now;
}

async function file(
  deps: ServiceDeps,
  webhook: StoredWebhook,
  status: FinalStatus,
  note: string,
): Promise<boolean> {
  await finishWebhook(deps.db, webhook.id, status, note, deps.clock.now());
  return true;
}
