/**
 * `pgw limits …`: rate limits of single merchants that differ from the default.
 */
import type { Command } from 'commander';
import { openClock, readDatabase, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, UsageError } from '../../lib/terminal.ts';
import { clearMerchantLimit, setMerchantLimit } from '../../services/operator/change-merchant-limits.ts';
import { listMerchantLimits } from '../../store/merchant-limits.ts';
import { actContextOf, type ReasonOption, withReason } from '../act-options.ts';
import { examples } from '../output/examples.ts';
import { count, printList } from '../output/list.ts';

export function addLimitsCommands(program: Command): void {
  const limits = program.command('limits').description('manage the rate limits of single merchants');
  withReason(limits.command('set <merchant> <per_minute>'))
    .description(
      "set a merchant's requests per minute; 0 disables its limit; takes effect on every node within seconds",
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('limits set merchant_001 3000', 'limits set merchant_001 0'))
    .action(setLimit);
  withReason(limits.command('clear <merchant>'))
    .description('return a merchant to the default limit')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('limits clear merchant_001'))
    .action(async (merchantId: string, options: JsonOption & ReasonOption) => {
      const by = actContextOf(options);
      await withDatabase(loadConfig(), async (db) =>
        clearMerchantLimit({ db, clock: await openClock(db) }, by, merchantId),
      );
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

async function setLimit(
  merchantId: string,
  perMinute: string,
  options: JsonOption & ReasonOption,
): Promise<void> {
  if (!/^\d{1,9}$/.test(perMinute)) {
    throw new UsageError('<per_minute> must be a number from 0 to 999999999');
  }
  const requestsPerMinute = Number(perMinute);
  const by = actContextOf(options);
  await withDatabase(loadConfig(), async (db) =>
    setMerchantLimit({ db, clock: await openClock(db) }, by, merchantId, requestsPerMinute),
  );
  const shown = { merchant_id: merchantId, requests_per_minute: requestsPerMinute };
  printResult(
    options,
    shown,
    requestsPerMinute === 0
      ? `${merchantId} now has no limit.`
      : `${merchantId} may now make ${count(requestsPerMinute, 'request')} per minute.`,
  );
}
