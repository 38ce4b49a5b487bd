/**
 * Operators and their grants.
 */
import type { Grant, OperatorScope } from '../../domain/operators/grants.ts';
import type { OidcIdentity, Operator, OperatorRecord } from '../../domain/operators/operator.ts';
import type { Role } from '../../domain/operators/roles.ts';
import { type Db, execute, query } from '../db/query.ts';

interface OperatorRow {
  readonly id: string;
  readonly name: string;
  readonly is_demo: boolean;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly last_seen_at: Date | null;
  readonly has_oidc: boolean;
  readonly passkeys: number;
  readonly grants: readonly {
    readonly role: Role;
    readonly merchant_id: string | null;
    readonly store_id: string | null;
    readonly max_refund_amount: number | null;
  }[];
}

const SELECT = `
  select operators.id, operators.name, operators.is_demo, operators.created_at, operators.disabled_at,
         operators.last_seen_at, operators.oidc_subject is not null as has_oidc,
         (select count(*) from operator_passkeys where operator_id = operators.id) as passkeys,
         coalesce((
           select jsonb_agg(jsonb_build_object('role', role, 'merchant_id', merchant_id, 'store_id', store_id,
                    'max_refund_amount', max_refund_amount) order by role, merchant_id, store_id)
           from operator_grants where operator_id = operators.id), '[]') as grants
  from operators`;

export async function findOperator(db: Db, id: string): Promise<OperatorRecord | undefined> {
  const [row] = await query<OperatorRow>(db, `${SELECT} where id = :id`, { id });
  return row && toOperator(row);
}

export async function findDemoOperator(db: Db): Promise<OperatorRecord | undefined> {
  const [row] = await query<OperatorRow>(db, `${SELECT} where is_demo`);
  return row && toOperator(row);
}

export async function findOperatorByOidc(
  db: Db,
  { issuer, subject }: OidcIdentity,
): Promise<OperatorRecord | undefined> {
  const where = 'where oidc_issuer = :issuer and oidc_subject = :subject';
  const [row] = await query<OperatorRow>(db, `${SELECT} ${where}`, { issuer, subject });
  return row && toOperator(row);
}

/** Operators whose grants lie wholly within the scope, oldest first, after the id. */
export async function listOperators(
  db: Db,
  scope: OperatorScope,
  after: string | undefined,
  limit: number,
): Promise<OperatorRecord[]> {
  const shops = scope.kind === 'everything' ? [] : scope.shops;
  const rows = await query<OperatorRow>(
    db,
    `${SELECT}
     where operators.id > :after and (:isEverything or (
       exists (select from operator_grants as held where held.operator_id = operators.id)
       and not exists (
         select from operator_grants as held where held.operator_id = operators.id and not exists (
           select from unnest(cast(:merchantIds as text[]), cast(:storeIds as text[])) as shop (merchant_id, store_id)
           where shop.merchant_id = held.merchant_id
             and (shop.store_id is null or shop.store_id = held.store_id)))))
     order by operators.id limit :limit`,
    {
      after: after ?? '',
      isEverything: scope.kind === 'everything',
      merchantIds: shops.map(({ merchantId }) => merchantId),
      storeIds: shops.map(({ storeId }) => storeId ?? null),
      limit,
    },
  );
  return rows.map(toOperator);
}

/**
 * Lets one transaction at a time change operators, so that it decides on what is true of all of them; waits for those that have
 * locked one, such as a sign-in.
 */
export async function lockAllOperators(trx: Db): Promise<void> {
  await execute(trx, 'lock table operators in exclusive mode');
}

/** Locks one operator until the transaction ends; before sessions, passkeys, invitations and the audit log. */
export async function lockOperator(trx: Db, id: string): Promise<void> {
  await execute(trx, 'select from operators where id = :id for update', { id });
}

/** Keeps an operator from being changed until the transaction ends, and lets them be used elsewhere. As early as `lockOperator`. */
export async function keepOperator(trx: Db, id: string): Promise<void> {
  await execute(trx, 'select from operators where id = :id for key share', { id });
}

export async function countOperators(db: Db): Promise<number> {
  const [row] = await query<{ count: number }>(db, 'select count(*) as count from operators');
  return row?.count ?? 0;
}

/** How many others can sign in as administrators of the whole gateway. */
export async function countOtherAdmins(trx: Db, id: string): Promise<number> {
  const [row] = await query<{ count: number }>(
    trx,
    `select count(*) as count from operators
     where id <> :id and disabled_at is null and not is_demo
       and exists (select from operator_grants where operator_id = operators.id and role = 'admin'
                     and merchant_id is null and max_refund_amount is null)
       and (oidc_subject is not null or exists (select from operator_passkeys where operator_id = operators.id))`,
    { id },
  );
  return row?.count ?? 0;
}

export async function insertOperator(trx: Db, operator: Operator): Promise<void> {
  const { id, name, isDemo, createdAt } = operator;
  await execute(
    trx,
    'insert into operators (id, name, is_demo, created_at) values (:id, :name, :isDemo, :createdAt)',
    { id, name, isDemo, createdAt },
  );
  await insertGrants(trx, id, operator.grants);
}

export async function replaceGrants(trx: Db, operatorId: string, grants: readonly Grant[]): Promise<void> {
  await execute(trx, 'delete from operator_grants where operator_id = :operatorId', { operatorId });
  await insertGrants(trx, operatorId, grants);
}

/** @param disabledAt undefined enables the operator */
export async function setDisabledAt(trx: Db, id: string, disabledAt: Date | undefined): Promise<void> {
  await execute(trx, 'update operators set disabled_at = :disabledAt where id = :id', {
    id,
    disabledAt: disabledAt ?? null,
  });
}

export async function setOidcIdentity(trx: Db, id: string, { issuer, subject }: OidcIdentity): Promise<void> {
  await execute(trx, 'update operators set oidc_issuer = :issuer, oidc_subject = :subject where id = :id', {
    id,
    issuer,
    subject,
  });
}

async function insertGrants(trx: Db, operatorId: string, grants: readonly Grant[]): Promise<void> {
  await execute(
    trx,
    `insert into operator_grants (operator_id, role, merchant_id, store_id, max_refund_amount)
     select :operatorId, role, merchant_id, store_id, max_refund_amount
     from unnest(cast(:roles as text[]), cast(:merchantIds as text[]), cast(:storeIds as text[]),
       cast(:maxRefundAmounts as bigint[])) as grants (role, merchant_id, store_id, max_refund_amount)`,
    {
      operatorId,
      roles: grants.map(({ role }) => role),
      merchantIds: grants.map(({ merchantId }) => merchantId ?? null),
      storeIds: grants.map(({ storeId }) => storeId ?? null),
      maxRefundAmounts: grants.map(({ maxRefundAmount }) => maxRefundAmount ?? null),
    },
  );
}

function toOperator(row: OperatorRow): OperatorRecord {
  return {
    id: row.id,
    name: row.name,
    isDemo: row.is_demo,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
    lastSeenAt: row.last_seen_at ?? undefined,
    hasOidc: row.has_oidc,
    passkeys: row.passkeys,
    grants: row.grants.map((grant) => ({
      role: grant.role,
      merchantId: grant.merchant_id ?? undefined,
      storeId: grant.store_id ?? undefined,
      maxRefundAmount: grant.max_refund_amount ?? undefined,
    })),
  };
}
