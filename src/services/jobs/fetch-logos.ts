/**
 * Fetches the logos of merchants whose logo URL has changed, checks them by their bytes, and stores the gateway's own copy. A
 * failure is tried again for some hours, recorded, and then given up until the URL changes.
 */
import { inspectLogo, MAX_LOGO_BYTES } from '../../domain/checkout/logo-image.ts';
import { backoffMs } from '../../lib/backoff.ts';
import { sha256Hex } from '../../lib/hash.ts';
import {
  claimDueLogos,
  type DueLogo,
  type LogoImage,
  postponeLogo,
  storeLogo,
} from '../../store/sync/merchant-logos.ts';
import type { ServiceDeps } from '../deps.ts';
import { type JobLimits, type JobRun, runEach } from './job.ts';

/** About four hours with the pauses between them. */
const MAX_TRIES = 9;
const BACKOFF = { firstMs: 60_000, maxMs: 3_600_000 };

/** One run over due logos. */
export async function fetchLogos(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const due = await claimDueLogos(deps.db, deps.clock.now(), limits.limit);
  const run = await runEach(deps, 'logos', due, limits, (logo) => fetchLogo(deps, logo));
  // Those that were not fetched count as failed, so that the metrics of the worker show them.
  return { ...run, failed: run.taken - run.done };
}

async function fetchLogo(deps: ServiceDeps, due: DueLogo): Promise<boolean> {
  const fetched = await deps.imageFetcher.fetch(due.url, MAX_LOGO_BYTES);
  const logo = 'content' in fetched ? toLogo(fetched.content) : fetched;
  if ('fault' in logo) {
    await postpone(deps, due, logo.fault);
    return false;
  }
  await storeLogo(deps.db, due, logo, deps.clock.now());
  return true;
}

function toLogo(content: Buffer): LogoImage | { readonly fault: string } {
  const inspected = inspectLogo(content);
  return 'fault' in inspected ? inspected : { hash: sha256Hex(content), type: inspected.type, content };
}

async function postpone(deps: ServiceDeps, due: DueLogo, problem: string): Promise<void> {
  const isOver = due.tries >= MAX_TRIES;
  const pauseMs = backoffMs(due.tries - 1, BACKOFF, deps.random());
  const nextTryAt = isOver ? undefined : new Date(deps.clock.now().getTime() + pauseMs);
  await postponeLogo(deps.db, due, problem, nextTryAt);
  deps.log.warn(
    { merchantId: due.merchantId, tries: due.tries, problem },
    isOver
      ? 'the logo of a merchant cannot be fetched and is not tried again; pgw merchants logos lists such logos'
      : 'the logo of a merchant could not be fetched; it is tried again later',
  );
}
