/**
 * Well-formed responses with false data: missing fields, wrong types, another amount. A client must record them and
 * trust none of them. Only the response is changed; the ledger stays correct.
 */
import type { Reply } from '../core/envelope.ts';

type Data = Record<string, unknown>;

const CHANGES = {
  /** `data` is null beside a success code. */
  no_data: () => null,
  /** `data` is an empty object. */
  empty_data: () => ({}),
  /** The most important fields are missing. */
  missing_fields: (data: Data) =>
    omit(data, ['codeId', 'url', 'expiryDate', 'status', 'amount', 'paymentId']),
  /** Correct names, wrong types. */
  wrong_types: (data: Data) => ({
    ...data,
    amount: '1200',
    status: 7,
    codeId: 42,
    url: { href: true },
    paymentId: 4_000_000,
    expiryDate: 'soon',
  }),
  /** One yen more than requested. */
  other_amount: (data: Data) => ({
    ...data,
    amount: { ...asObject(data['amount']), amount: readAmount(data) + 1 },
  }),
  /** The same amount in dollars. */
  other_currency: (data: Data) => ({ ...data, amount: { ...asObject(data['amount']), currency: 'USD' } }),
  /** The response for another payment. */
  other_payment: (data: Data) => ({ ...data, merchantPaymentId: 'somebody-elses-payment' }),
  /** The response for another refund. */
  other_refund: (data: Data) => ({ ...data, merchantRefundId: 'somebody-elses-refund' }),
  /** A status that PayPay does not document. */
  unknown_status: (data: Data) => ({ ...data, status: 'PONDERING' }),
  /** COMPLETED without a payment. */
  false_completed: (data: Data) => ({ ...data, status: 'COMPLETED' }),
} as const satisfies Record<string, (data: Data) => object | null>;

export type WrongAnswer = keyof typeof CHANGES;

export const WRONG_ANSWERS = Object.keys(CHANGES) as WrongAnswer[];

/** Returns a copy of the reply with false data. */
export function corruptReply(reply: Reply, wrong: WrongAnswer): Reply {
  return { ...reply, body: { ...reply.body, data: CHANGES[wrong](asObject(reply.body.data)) } };
}

function omit(data: Data, names: readonly string[]): Data {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)));
}

function asObject(value: unknown): Data {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function readAmount(data: Data): number {
  const amount = asObject(data['amount'])['amount'];
  return typeof amount === 'number' ? amount : 0;
}
