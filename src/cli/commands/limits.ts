/**
 * `pgw limits …`: rate limits of single merchants that differ from the default.
 */
import type { Command } from 'commander';
import { openClock, readDatabase, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, UsageError } from '../../lib/terminal.ts';
import { deleteMerchantLimit, listMerchantLimits, upsertMerchantLimit } from '../../store/merchant-limits.ts';
import { hasMerchant } from '../../store/merchants.ts';
import { examples } from '../output/examples.ts';
import { count, printList } from '../output/list.ts';

export function addLimitsCommands(program: Command): void {
  const limits = program.command('limits').description('manage the rate limits of single merchants');
  limits
    .command('set <merchant> <per_minute>')
    .description(
      "set a merchant's requests per minute; 0 disables its limit; takes effect on every node within seconds",
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('limits set merchant_001 3000', 'limits set merchant_001 0'))
    .action(setLimit);
  limits
    .command('clear <merchant>')
    .description('return a merchant to the default limit')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('limits clear merchant_001'))
    .action(async (merchantId: string, options: JsonOption) => {
      const isCleared = await withDatabase(loadConfig(), (db) => deleteMerchantLimit(db, merchantId));
      if (!isCleared) {
        throw new UsageError(`merchant ${merchantId} has no limit of its own`);
      }
      printResult(
        options,
        { merchant_id: merchantId, cleared: true },
        `${merchantId} now has the default limit.`,
      );
    });
  limits
    .command('list')
    .description('list the limits that differ from the default')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('limits list'))
    .action(async (options: JsonOption) => {
      const all = await readDatabase(loadConfig(), (db) => listMerchantLimits(db));
      const rows = all.map(({ merchantId, requestsPerMinute }) => ({
        merchant_id: merchantId,
        requests_per_minute: requestsPerMinute,
      }));
      printList(options, rows, {
        headings: ['MERCHANT', 'REQUESTS PER MINUTE'],
        rows: rows.map((row) => [row.merchant_id, String(row.requests_per_minute)]),
        noun: 'merchant',
        none: 'All merchants have the default limit.',
      });
    });
}

async function setLimit(merchantId: string, perMinute: string, options: JsonOption): Promise<void> {
  if (!/^\d{1,9}$/.test(perMinute)) {
    throw new UsageError('<per_minute> must be a number from 0 to 999999999');
  }
  const requestsPerMinute = Number(perMinute);
  await withDatabase(loadConfig(), async (db) => {
    if (!(await hasMerchant(db, merchantId))) {
      throw new UsageError(`there is no merchant ${merchantId}; sync it first`);
    }
    const clock = await openClock(db);
    await upsertMerchantLimit(db, { merchantId, requestsPerMinute }, clock.now());
  });
  const shown = { merchant_id: merchantId, requests_per_minute: requestsPerMinute };
  printResult(
    options,
    shown,
    requestsPerMinute === 0
      ? `${merchantId} now has no limit.`
      : `${merchantId} may now make ${count(requestsPerMinute, 'request')} per minute.`,
  );
}
