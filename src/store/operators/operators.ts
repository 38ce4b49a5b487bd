/**
 * Operators and their grants.
 */
import type { Grant } from '../../domain/operators/grants.ts';
import type { Operator } from '../../domain/operators/operator.ts';
import type { Role } from '../../domain/operators/roles.ts';
import { type Db, execute, query } from '../db/query.ts';

interface OperatorRow {
  readonly id: string;
  readonly name: string;
  readonly is_demo: boolean;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly grants: readonly {
    readonly role: Role;
    readonly merchant_id: string | null;
    readonly store_id: string | null;
    readonly max_refund_amount: number | null;
  }[];
}

const SELECT = `
  select operators.id, operators.name, operators.is_demo, operators.created_at, operators.disabled_at,
         coalesce((
           select jsonb_agg(jsonb_build_object('role', role, 'merchant_id', merchant_id, 'store_id', store_id,
                    'max_refund_amount', max_refund_amount) order by role, merchant_id, store_id)
           from operator_grants where operator_id = operators.id), '[]') as grants
  from operators`;

export async function findOperator(db: Db, id: string): Promise<Operator | undefined> {
  const [row] = await query<OperatorRow>(db, `${SELECT} where id = :id`, { id });
  return row && toOperator(row);
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

function toOperator(row: OperatorRow): Operator {
  return {
    id: row.id,
    name: row.name,
    isDemo: row.is_demo,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
    grants: row.grants.map((grant) => ({
      role: grant.role,
      merchantId: grant.merchant_id ?? undefined,
      storeId: grant.store_id ?? undefined,
      maxRefundAmount: grant.max_refund_amount ?? undefined,
    })),
  };
}
