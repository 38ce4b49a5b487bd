/**
 * Logos of merchants: the queue of those to fetch, and the fetched copies. Claiming one moves its next try to the end of a
 * lease, so one whose process died becomes due again.
 */
import type { LogoType } from '../../domain/checkout/logo-image.ts';
import { storableText } from '../../lib/text.ts';
import { type Db, execute, query, queryPrepared } from '../db/query.ts';

/** Longer than a run may take: 20 fetches, four at a time, of 15 seconds each. */
const LEASE = "interval '2 minutes'";

/** A logo to fetch. */
export interface DueLogo {
  readonly merchantId: string;
  readonly url: string;
  /** This one included. */
  readonly tries: number;
}

export interface LogoImage {
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly type: LogoType;
  readonly content: Buffer;
}

/** A logo that is not, or not yet, what the merchant's present URL leads to. */
export interface MissingLogo {
  readonly merchantId: string;
  readonly url: string;
  readonly tries: number;
  readonly problem: string | undefined;
  /** Undefined: it is not tried again. */
  readonly nextTryAt: Date | undefined;
}

/** Queues the new URLs, and removes the logos of merchants that have none (null) any more. */
export async function changeLogoUrls(
  trx: Db,
  changes: readonly { readonly merchantId: string; readonly url: string | null }[],
  now: Date,
): Promise<void> {
  await execute(
    trx,
    `with change as (
       select * from unnest(cast(:merchantIds as text[]), cast(:urls as text[])) as change (merchant_id, url)
     ), removed as (
       delete from merchant_logos using change
       where merchant_logos.merchant_id = change.merchant_id and change.url is null
     )
     insert into merchant_logos (merchant_id, url, next_try_at)
     select merchant_id, url, :now from change where url is not null order by merchant_id
     on conflict (merchant_id) do update
     set url = excluded.url, next_try_at = excluded.next_try_at, tries = 0, problem = null`,
    {
      merchantIds: changes.map(({ merchantId }) => merchantId),
      urls: changes.map(({ url }) => url),
      now,
    },
  );
}

/** Takes logos that are due, those that have waited longest first. */
export async function claimDueLogos(db: Db, now: Date, limit: number): Promise<DueLogo[]> {
  const rows = await query<{ merchant_id: string; url: string; tries: number }>(
    db,
    `update merchant_logos set next_try_at = cast(:now as timestamptz) + ${LEASE}, tries = tries + 1
     where merchant_id in (
       select merchant_id from merchant_logos where next_try_at <= :now
       order by next_try_at limit :limit for update skip locked)
     returning merchant_id, url, tries`,
    { now, limit },
  );
  return rows.map(({ merchant_id: merchantId, url, tries }) => ({ merchantId, url, tries }));
}

/** Stores a fetched logo, unless the merchant has another URL by now. */
export async function storeLogo(db: Db, due: DueLogo, image: LogoImage, now: Date): Promise<void> {
  await execute(
    db,
    `update merchant_logos
     set hash = :hash, type = :type, content = :content, fetched_at = :now, next_try_at = null, problem = null
     where merchant_id = :merchantId and url = :url`,
    { merchantId: due.merchantId, url: due.url, ...image, now },
  );
}

/** Records a failed try, unless the merchant has another URL by now. @param nextTryAt undefined: give up */
export async function postponeLogo(
  db: Db,
  due: DueLogo,
  problem: string,
  nextTryAt: Date | undefined,
): Promise<void> {
  await execute(
    db,
    `update merchant_logos set problem = :problem, next_try_at = :nextTryAt
     where merchant_id = :merchantId and url = :url`,
    {
      merchantId: due.merchantId,
      url: due.url,
      problem: storableText(problem),
      nextTryAt: nextTryAt ?? null,
    },
  );
}

/** The image with this hash. */
export async function findLogo(db: Db, hash: string): Promise<LogoImage | undefined> {
  const [row] = await queryPrepared<LogoImage>(
    db,
    'select hash, type, content from merchant_logos where hash = :hash limit 1',
    { hash },
  );
  return row;
}

/** Logos that are still to be fetched or were given up, by merchant. */
export async function listMissingLogos(db: Db, limit: number): Promise<MissingLogo[]> {
  const rows = await query<{
    merchant_id: string;
    url: string;
    tries: number;
    problem: string | null;
    next_try_at: Date | null;
  }>(
    db,
    `select merchant_id, url, tries, problem, next_try_at from merchant_logos
     where problem is not null or next_try_at is not null order by merchant_id limit :limit`,
    { limit },
  );
  return rows.map((row) => ({
    merchantId: row.merchant_id,
    url: row.url,
    tries: row.tries,
    problem: row.problem ?? undefined,
    nextTryAt: row.next_try_at ?? undefined,
  }));
}
