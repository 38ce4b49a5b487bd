/**
 * Stores new payment intents with their first event, optionally with an Idempotency-Key and its response. Concurrent
 * requests share one statement and one commit.
 */
import type { PaymentIntent } from '../domain/payment.ts';
import { storableText } from '../lib/text.ts';
import { batchedWrite } from './db/batches.ts';
import { type Db, queryPrepared } from './db/query.ts';
import type { KeyId } from './idempotency-keys.ts';

export interface NewPaymentIntent {
  readonly intent: PaymentIntent;
  readonly paymentTokenHash: Buffer;
  /** Who creates it, for the event. */
  readonly actor: string;
}

/** A response to store under a key, with the intent that it creates, if any. */
export interface NewStoredResponse {
  readonly id: KeyId;
  /** A key that is still valid under this scope counts as taken. */
  readonly formerScope?: string | undefined;
  readonly requestHash: Buffer;
  /** Encrypted. */
  readonly response: { readonly status: number; readonly body: Buffer };
  readonly now: Date;
  readonly expiresAt: Date;
  readonly made: NewPaymentIntent | undefined;
}

const INTENT_FIELDS = `
  position int, id text, merchant_id text, merchant_store_id text, merchant_terminal_id text, merchant_ref_id text,
  description text, return_url text, amount bigint, currency text, payment_method_types text[], status text, payment_token_hash bytea,
  created_at timestamptz, expires_at timestamptz, actor text`;
const KEY_FIELDS = `
  scope text, former_scope text, operation text, key text, request_hash bytea, response_status smallint, body_at int, body_length int,
  key_created_at timestamptz, key_expires_at timestamptz`;

/** Not `exists`, for which the planner may read all stores into a hash table. */
const HAS_STORE = `
  (merchant_store_id is null
   or (select true from stores where stores.merchant_id = new_intent.merchant_id and stores.id = merchant_store_id))`;

/** Inserts the intents in `made` and their first events. */
const INSERT_MADE = `
  created as (
    insert into payment_intents (
      id, merchant_id, merchant_store_id, merchant_terminal_id, merchant_ref_id, description, return_url,
      amount, currency, payment_method_types, status, payment_token_hash, created_at, expires_at)
    select id, merchant_id, merchant_store_id, merchant_terminal_id, merchant_ref_id, description, return_url,
           amount, currency, payment_method_types, status, payment_token_hash, created_at, expires_at
    from made
  ), appended as (
    insert into payment_events (intent_id, type, actor, created_at, merchant_event)
    select id, 'created', actor, created_at, 'payment_intent.created' from made
  )`;

const INSERT = `
  with made as materialized (
    select * from json_to_recordset(cast(:rows as json)) as new_intent (${INTENT_FIELDS}) where ${HAS_STORE}
  ), ${INSERT_MADE}
  select position from made`;

/**
 * Ordered by key, so that two such statements cannot deadlock. The response bodies are concatenated in `bodies`
 * instead of being part of the rows: as text in JSON they would be twice as long and parsed twice.
 */
const INSERT_IDEMPOTENT = `
  with known as materialized (
    select * from json_to_recordset(cast(:rows as json)) as new_intent (${INTENT_FIELDS}, ${KEY_FIELDS}) where ${HAS_STORE}
  ), claimed as (
    insert into idempotency_keys as held (
      scope, operation, key, request_hash, response_status, response_body, created_at, expires_at)
    select scope, operation, key, request_hash, response_status,
           substring(cast(:bodies as bytea) from body_at for body_length), key_created_at, key_expires_at
    from known
    where (select true from idempotency_keys former
           where former.scope = known.former_scope and former.operation = known.operation and former.key = known.key
             and former.expires_at > known.key_created_at) is null
    order by scope, operation, key
    on conflict (scope, operation, key) do update
    set request_hash = excluded.request_hash, leased_by = null, leased_until = null,
        response_status = excluded.response_status, response_body = excluded.response_body,
        created_at = excluded.created_at, expires_at = excluded.expires_at
    where held.expires_at <= excluded.created_at
       or (held.response_status is null and held.request_hash = excluded.request_hash
           and (held.leased_until is null or held.leased_until <= excluded.created_at))
    returning scope, operation, key
  ), made as materialized (
    select known.* from known join claimed using (scope, operation, key) where id is not null
  ), ${INSERT_MADE}
  select position, claimed.key is not null as is_claimed
  from known left join claimed using (scope, operation, key)`;

/** Stores a new intent; false when the merchant has no such store. */
export const insertPaymentIntent: (db: Db, made: NewPaymentIntent) => Promise<boolean> = batchedWrite(
  async (db, all: readonly NewPaymentIntent[]) => {
    const rows = JSON.stringify(all.map((made, position) => toRow(position, made)));
    const stored = await queryPrepared<{ position: number }>(db, INSERT, { rows });
    const positions = new Set(stored.map(({ position }) => position));
    return all.map((_, position) => positions.has(position));
  },
);

/**
 * Claims a key and stores the response under it, with the intent that it creates; all of it or nothing.
 * @returns `taken` when the key is taken (`findKey` returns what is stored under it); `unknown_store` when the
 *   merchant has no such store
 */
export const insertIdempotent: (
  db: Db,
  response: NewStoredResponse,
) => Promise<'stored' | 'taken' | 'unknown_store'> = batchedWrite(
  async (db, all: readonly NewStoredResponse[]) => {
    const firsts = firstOfEachKey(all);
    const known = await queryPrepared<{ position: number; is_claimed: boolean }>(
      db,
      INSERT_IDEMPOTENT,
      bindingsOf(firsts),
    );
    const claims = new Map(known.map(({ position, is_claimed: isClaimed }) => [position, isClaimed]));
    return all.map((_, position) => {
      if (!firsts.has(position)) {
        return 'taken';
      }
      const isClaimed = claims.get(position);
      if (isClaimed === undefined) {
        return 'unknown_store';
      }
      return isClaimed ? 'stored' : 'taken';
    });
  },
);

/** By position. Of concurrent requests with the same key the first claims it; for the others it is taken. */
function firstOfEachKey(responses: readonly NewStoredResponse[]): ReadonlyMap<number, NewStoredResponse> {
  const names = new Set<string>();
  const firsts = new Map<number, NewStoredResponse>();
  for (const [position, response] of responses.entries()) {
    const { scope, operation, key } = response.id;
    const name = JSON.stringify([scope, operation, key]);
    if (!names.has(name)) {
      firsts.set(position, response);
    }
    names.add(name);
  }
  return firsts;
}

function bindingsOf(responses: ReadonlyMap<number, NewStoredResponse>) {
  const rows: object[] = [];
  const bodies: Buffer[] = [];
  // PostgreSQL counts bytes from one.
  let bodyAt = 1;
  for (const [position, stored] of responses) {
    const { body } = stored.response;
    rows.push(toRow(position, stored.made, stored, bodyAt));
    bodies.push(body);
    bodyAt += body.length;
  }
  return { rows: JSON.stringify(rows), bodies: Buffer.concat(bodies) };
}

/** One literal, because spreading objects costs microseconds. Undefined fields are not sent. */
function toRow(
  position: number,
  made: NewPaymentIntent | undefined,
  stored?: NewStoredResponse,
  bodyAt?: number,
) {
  const intent = made?.intent;
  return {
    position,
    id: intent?.id,
    merchant_id: intent?.merchantId,
    merchant_store_id: toStorable(intent?.merchantStoreId),
    merchant_terminal_id: toStorable(intent?.merchantTerminalId),
    merchant_ref_id: toStorable(intent?.merchantRefId),
    description: toStorable(intent?.description),
    return_url: intent?.returnUrl,
    amount: intent?.amount,
    currency: intent?.currency,
    payment_method_types: intent?.paymentMethodTypes,
    status: intent?.status,
    payment_token_hash: made && toBytea(made.paymentTokenHash),
    created_at: intent?.createdAt,
    expires_at: intent?.expiresAt,
    actor: made?.actor,
    scope: stored?.id.scope,
    former_scope: stored?.formerScope,
    operation: stored?.id.operation,
    key: stored?.id.key,
    request_hash: stored && toBytea(stored.requestHash),
    response_status: stored?.response.status,
    body_at: bodyAt,
    body_length: stored?.response.body.length,
    key_created_at: stored?.now,
    key_expires_at: stored?.expiresAt,
  };
}

function toStorable(text: string | undefined): string | undefined {
  return text === undefined ? undefined : storableText(text);
}

/** PostgreSQL's hex format. */
function toBytea(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`;
}
