/**
 * Merchants as a sync writes them, with their rows locked, and the upstream system that each belongs to.
 */
import { BRANDING_FIELDS, type BrandingField, type BrandingUpdate } from '../../domain/branding.ts';
import { type Db, execute, query } from '../db/query.ts';
import type { MerchantChange } from './merchant-events.ts';

export interface MerchantRow {
  readonly id: string;
  readonly name: string;
  /** Undefined keeps the current value. */
  readonly checkoutFrameAncestors: readonly string[] | undefined;
  /** What is undefined keeps its value. */
  readonly branding: BrandingUpdate | undefined;
}

/**
 * Inserts the merchants that do not exist yet and locks the others until the transaction ends, so that their rows do not
 * change after they are read.
 * @returns the ids of the inserted merchants
 */
export async function claimMerchants(
  db: Db,
  merchants: readonly MerchantRow[],
  upstream: string,
  now: Date,
): Promise<Set<string>> {
  const rows = await query<{ id: string }>(
    db,
    `insert into merchants (
       id, name, checkout_frame_ancestors, ${BRANDING_FIELDS.join(', ')}, upstream, created_at, updated_at)
     select id, name, ${fromText('checkout_frame_ancestors', 'checkout_frame_ancestors')},
            ${BRANDING_FIELDS.map((field) => `nullif(${field}, '')`).join(', ')}, :upstream, :now, :now
     from ${PAYLOAD} order by id
     -- An update that never writes still locks the row.
     on conflict (id) do update set id = excluded.id where false
     returning id`,
    { ...toMerchantArrays(merchants), upstream, now },
  );
  return new Set(rows.map(({ id }) => id));
}

/** The ids among these whose merchant belongs to another upstream system, sorted. */
export async function listMerchantsOfOthers(
  db: Db,
  ids: readonly string[],
  upstream: string,
): Promise<string[]> {
  const rows = await query<{ id: string }>(
    db,
    'select id from merchants where id = any(cast(:ids as text[])) and upstream <> :upstream order by id',
    { ids, upstream },
  );
  return rows.map(({ id }) => id);
}

/** Locks a merchant and returns its upstream system; undefined when there is no such merchant. */
export async function lockUpstream(trx: Db, merchantId: string): Promise<string | undefined> {
  const [row] = await query<{ upstream: string }>(
    trx,
    'select upstream from merchants where id = :merchantId for update',
    { merchantId },
  );
  return row?.upstream;
}

/** Call `lockUpstream` first. */
export async function updateUpstream(trx: Db, merchantId: string, upstream: string): Promise<void> {
  await execute(trx, 'update merchants set upstream = :upstream where id = :merchantId', {
    merchantId,
    upstream,
  });
}

const FIELDS = ['name', 'checkout_frame_ancestors', ...BRANDING_FIELDS] as const;
type Field = (typeof FIELDS)[number];

/** The frame ancestors are one text, because PostgreSQL would flatten nested arrays. An origin contains no space. */
const PAYLOAD = `
  unnest(cast(:ids as text[]), ${FIELDS.map((field) => `cast(:${field} as text[])`).join(', ')})
    as payload (id, ${FIELDS.join(', ')})`;

/** Null in a payload keeps the current value; an empty text removes one of the branding. */
const AFTER: Readonly<Record<Field, string>> = {
  name: 'payload.name',
  checkout_frame_ancestors: `coalesce(payload.checkout_frame_ancestors, ${asText('checkout_frame_ancestors')})`,
  ...brandingWith((field) => `nullif(coalesce(payload.${field}, merchants.${field}), '')`),
};

const UPDATE = `
  with compared as (
    select id, ${FIELDS.map((field) => `${asText(field)} as ${field}_before, ${AFTER[field]} as ${field}_after`).join(', ')}
    from ${PAYLOAD} join merchants using (id)
  ), changed as (
    select * from compared
    where (${FIELDS.map((field) => `${field}_before`).join(', ')})
      is distinct from (${FIELDS.map((field) => `${field}_after`).join(', ')})
  ), written as (
    update merchants
    set updated_at = :now, ${FIELDS.map((field) => `${field} = ${fromText(field, `${field}_after`)}`).join(', ')}
    from changed where merchants.id = changed.id
  )
  select * from changed`;

/** Updates merchants that `claimMerchants` has locked. @returns the changes */
export async function updateMerchants(
  db: Db,
  merchants: readonly MerchantRow[],
  now: Date,
): Promise<MerchantChange[]> {
  const rows = await query<
    { id: string } & Readonly<Record<`${Field}_before` | `${Field}_after`, string | null>>
  >(db, UPDATE, { ...toMerchantArrays(merchants), now });
  return rows
    .flatMap((row): MerchantChange[] =>
      FIELDS.map((field) => ({
        merchantId: row.id,
        field,
        before: row[`${field}_before`],
        after: row[`${field}_after`],
      })),
    )
    .filter(({ before, after }) => before !== after);
}

function asText(field: Field): string {
  return field === 'checkout_frame_ancestors'
    ? `array_to_string(merchants.${field}, ' ')`
    : `merchants.${field}`;
}

function fromText(field: Field, text: string): string {
  return field === 'checkout_frame_ancestors' ? `string_to_array(${text}, ' ')` : text;
}

function brandingWith<T>(make: (field: BrandingField) => T): Readonly<Record<BrandingField, T>> {
  return Object.fromEntries(BRANDING_FIELDS.map((field) => [field, make(field)])) as Record<BrandingField, T>;
}

function toMerchantArrays(merchants: readonly MerchantRow[]) {
  return {
    ids: merchants.map(({ id }) => id),
    name: merchants.map(({ name }) => name),
    checkout_frame_ancestors: merchants.map((merchant) => merchant.checkoutFrameAncestors?.join(' ') ?? null),
    ...brandingWith((field) => merchants.map(({ branding }) => branding?.[field] ?? null)),
  };
}
