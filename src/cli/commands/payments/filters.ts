/**
 * The options by which `pgw payments list` and `export` choose payments.
 */
import type { Command } from 'commander';
import type { PaymentIntentStatus } from '../../../domain/payment.ts';
import { parseDay } from '../../../lib/date-time.ts';
import { isId } from '../../../lib/ids.ts';
import { UsageError } from '../../../lib/terminal.ts';
import type { PaymentQuery } from '../../../services/operator/payments/each-payment.ts';

export interface FilterOptions {
  readonly merchant?: string;
  readonly store?: string;
  readonly ref?: string;
  readonly day?: string;
  readonly status?: string;
  readonly after?: string;
}

const STATUSES = [
  'requires_payment_method',
  'requires_action',
  'processing',
  'succeeded',
  'cancelled',
  'expired',
] as const satisfies readonly PaymentIntentStatus[];

export function addFilters(command: Command): Command {
  return command
    .option('--merchant <id>', 'only payments of this merchant')
    .option('--store <id>', 'only payments of this store')
    .option('--ref <reference>', "only payments with this order reference, the merchant's merchant_ref_id")
    .option('--day <YYYY-MM-DD>', "only what was paid on this day, in the shop's time zone")
    .option('--status <status>', `only payments in this status: ${STATUSES.join(', ')}`)
    .option('--after <id>', 'begin after this payment, as an earlier list says');
}

/** @throws UsageError when an option has no possible value */
export function readFilters(options: FilterOptions): Omit<PaymentQuery, 'order'> {
  const { merchant, store, ref, after } = options;
  const day = options.day === undefined ? undefined : parseDay(options.day);
  if (options.day !== undefined && day === undefined) {
    throw new UsageError('--day takes a day such as 2026-01-15');
  }
  const status = STATUSES.find((each) => each === options.status);
  if (options.status !== undefined && status === undefined) {
    throw new UsageError(`--status takes one of ${STATUSES.join(', ')}`);
  }
  if (day !== undefined && status !== undefined && status !== 'succeeded') {
    throw new UsageError('--day is about paid payments, whose status is succeeded');
  }
  if (after !== undefined && !isId('pi', after)) {
    throw new UsageError('--after takes the id of a payment intent, pi_…');
  }
  return { merchantId: merchant, storeId: store, merchantRefId: ref, status, day, after };
}
