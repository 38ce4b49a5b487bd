/**
 * `pgw payments show`, and `pgw intents show`, its earlier name: everything known about a payment.
 */
import type { Command } from 'commander';
import { readDatabase } from '../../../bootstrap/database.ts';
import { loadConfig } from '../../../config.ts';
import { type JsonOption, printResult } from '../../../lib/terminal.ts';
import { findPaymentBy } from '../../../services/operator/payments/find-payment.ts';
import { describeIntent } from '../../../services/operator/show-payment-intent.ts';
import { examples } from '../../output/examples.ts';

/** @param name the command above it, for the examples */
export function addShowCommand(parent: Command, name: string): void {
  parent
    .command('show <id>')
    .description(
      'show a payment with its attempts, refunds and events; <id> is the id of the payment intent, of an attempt or of ' +
        "a refund, PayPay's number of the payment, or the order reference",
    )
    .option('--merchant <id>', 'only a payment of this merchant')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        `${name} show pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q`,
        `${name} show 04613891571234567890`,
        `${name} show order_4711 --merchant merchant_001`,
      ),
    )
    .action(showPayment);
}

async function showPayment(id: string, options: JsonOption & { merchant?: string }): Promise<void> {
  const described = await readDatabase(loadConfig(), async (db) => {
    const { intent } = await findPaymentBy(db, id, options.merchant);
    return describeIntent(db, intent.id);
  });
  printResult(options, described.json, described.text);
}
