/**
 * `pgw refunds create`: refunds a payment for a merchant who cannot do it.
 */
import type { Command } from 'commander';
import { withServices } from '../../../bootstrap/command-services.ts';
import { loadConfig } from '../../../config.ts';
import type { RefundMethod, RefundNotes, RefundReason } from '../../../domain/refunds/refund.ts';
import { type JsonOption, printResult, UsageError } from '../../../lib/terminal.ts';
import {
  describeRefund,
  makeRefund,
  planRefund,
  type RefundPlan,
} from '../../../services/operator/payments/refunds.ts';
import { actContextOf } from '../../act-options.ts';
import { confirm } from '../../output/confirm.ts';
import { examples } from '../../output/examples.ts';
import { printable } from '../../output/list.ts';

interface CreateOptions extends JsonOption {
  readonly payment: string;
  readonly merchant?: string;
  readonly amount?: string;
  readonly reason?: string;
  readonly method?: string;
  readonly ref?: string;
  readonly staff?: string;
  readonly note?: string;
  readonly yes?: boolean;
}

const REASONS = [
  'requested_by_customer',
  'duplicate',
  'fraudulent',
  'other',
] as const satisfies readonly RefundReason[];
const METHODS = ['provider', 'cash'] as const satisfies readonly RefundMethod[];

export function addCreateCommand(refunds: Command): void {
  refunds
    .command('create')
    .description(
      'refund a payment, as POST /v1/refunds does; a running gateway or pgw work carries the refund out',
    )
    .requiredOption('--payment <id>', 'the payment, by any id that pgw payments show takes')
    .option('--merchant <id>', 'only a payment of this merchant')
    .option('--amount <n>', 'in the smallest unit of the currency; by default all that is left')
    .option('--reason <reason>', REASONS.join(', '))
    .option('--method <method>', 'provider or cash; by default as the payment was made')
    .option(
      '--ref <reference>',
      "the merchant's own reference of the refund, with which it is made only once",
    )
    .option('--staff <id>', 'who ordered the refund, or returned the cash')
    .option('--note <text>', 'why, for the audit log')
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'refunds create --payment pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
        'refunds create --payment 04613891571234567890 --amount 500 --reason duplicate --ref return_778 --yes',
      ),
    )
    .action(create);
}

async function create(options: CreateOptions): Promise<void> {
  const notes = readNotes(options);
  const by = actContextOf({ reason: options.note });
  const wanted = {
    payment: options.payment,
    merchantId: options.merchant,
    amount: readAmount(options.amount),
    method: oneOf('--method', METHODS, options.method),
  };
  const refund = await withServices(loadConfig(), async (deps) => {
    const plan = await planRefund(deps.db, wanted);
    if (!options.yes) {
      await confirm(describe(plan));
    }
    return makeRefund(deps, by, plan, notes);
  });
  const { id, status, money } = refund;
  const what = `Refund ${id} of ${money.amount} ${money.currency}`;
  printResult(
    options,
    describeRefund(refund),
    status === 'pending'
      ? `${what} is pending. A running gateway or pgw work carries it out; pgw refunds list shows its status.`
      : `${what} is recorded. Return the money in cash.`,
  );
}

function describe({ payment: { intent }, amount, method }: RefundPlan): string {
  const how = method === 'cash' ? 'in cash' : 'through the provider';
  const { id, currency, merchantId, merchantRefId, amountCaptured = 0 } = intent;
  return (
    `Refund ${amount} ${currency} ${how}: ${id}, of which ${amountCaptured} ${currency} was paid, ` +
    `merchant ${merchantId}, reference ${printable(merchantRefId)}?`
  );
}

/** The contract's largest amount has as many digits. */
function readAmount(text: string | undefined): number | undefined {
  if (text !== undefined && !/^[1-9]\d{0,10}$/.test(text)) {
    throw new UsageError("--amount takes a whole number in the currency's smallest unit, such as 500");
  }
  return text === undefined ? undefined : Number(text);
}

/** With the limits of the contract. */
function readNotes({ reason, ref, staff }: CreateOptions): RefundNotes {
  if (ref !== undefined && !/^\P{Cc}{1,255}$/u.test(ref)) {
    throw new UsageError('--ref takes at most 255 characters, without control characters');
  }
  if (staff !== undefined && !/^[A-Za-z0-9._:-]{1,64}$/.test(staff)) {
    throw new UsageError('--staff takes at most 64 letters, digits, dots, underscores, colons or hyphens');
  }
  return {
    reason: oneOf('--reason', REASONS, reason),
    description: undefined,
    merchantRefundRefId: ref,
    merchantStaffId: staff,
    merchantTerminalId: undefined,
  };
}

/** @throws UsageError when it is given and not one of them */
export function oneOf<T extends string>(
  option: string,
  values: readonly T[],
  text: string | undefined,
): T | undefined {
  const value = values.find((each) => each === text);
  if (text !== undefined && value === undefined) {
    throw new UsageError(`${option} takes one of ${values.join(', ')}`);
  }
  return value;
}
