/**
 * The yardstick of retrieve: Fastify and the bare driver, as an expert would write it by hand. One prepared statement
 * by primary key, a constant-time comparison of the token's hash, and a compiled serializer.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';

interface Row {
  readonly id: string;
  readonly merchant_store_id: string | null;
  readonly merchant_terminal_id: string | null;
  readonly merchant_ref_id: string;
  readonly description: string | null;
  readonly amount: string;
  readonly currency: string;
  readonly payment_method_types: string[];
  readonly status: string;
  readonly payment_token_hash: Buffer;
  readonly created_at: Date;
  readonly expires_at: Date;
}

const STATEMENT = `select id, merchant_store_id, merchant_terminal_id, merchant_ref_id, description, amount, currency,
  payment_method_types, status, payment_token_hash, created_at, expires_at from payment_intents where id = $1`;
const text = { type: 'string' } as const;
const intent = {
  type: 'object',
  properties: {
    id: text,
    status: text,
    amount: { type: 'integer' },
    currency: text,
    payment_method_types: { type: 'array', items: text },
    merchant_ref_id: text,
    merchant_store_id: text,
    merchant_terminal_id: text,
    description: text,
    created_at: text,
    expires_at: text,
  },
} as const;

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 16 });
const app = Fastify({ logger: false });

app.get<{ Params: { id: string }; Querystring: { payment_token?: string } }>(
  '/v1/payment_intents/:id',
  { schema: { response: { 200: intent } } },
  async (request, reply) => {
    const { rows } = await pool.query<Row>({
      name: 'retrieve',
      text: STATEMENT,
      values: [request.params.id],
    });
    const [row] = rows;
    if (!row) {
      return reply.code(404).send({ code: 'not_found' });
    }
    const hash = createHash('sha256')
      .update(request.query.payment_token ?? '')
      .digest();
    if (!timingSafeEqual(hash, row.payment_token_hash)) {
      return reply.code(401).send({ code: 'invalid_token' });
    }
    return present(row);
  },
);

function present(row: Row) {
  return {
    id: row.id,
    status: row.status,
    amount: Number(row.amount),
    currency: row.currency,
    payment_method_types: row.payment_method_types,
    merchant_ref_id: row.merchant_ref_id,
    merchant_store_id: row.merchant_store_id ?? undefined,
    merchant_terminal_id: row.merchant_terminal_id ?? undefined,
    description: row.description ?? undefined,
    created_at: `${row.created_at.toISOString().slice(0, 19)}Z`,
    expires_at: `${row.expires_at.toISOString().slice(0, 19)}Z`,
  };
}

const address = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ port: Number(new URL(address).port) });
process.on('disconnect', () => process.exit());
