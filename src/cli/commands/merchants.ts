/**
 * `pgw merchants …`: shows the history of a merchant and the logos that are missing, and assigns a merchant to an upstream system.
 */
import type { Command } from 'commander';
import { openClock, readDatabase, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, UsageError } from '../../lib/terminal.ts';
import { assignMerchant } from '../../services/operator/assign-merchant.ts';
import { hasMerchant } from '../../store/merchants.ts';
import { listMerchantEvents, type MerchantEvent } from '../../store/sync/merchant-events.ts';
import { listMissingLogos } from '../../store/sync/merchant-logos.ts';
import { actContextOf, type ReasonOption, withReason } from '../act-options.ts';
import { examples } from '../output/examples.ts';
import { printList } from '../output/list.ts';
import { readUpstream } from '../read-upstream.ts';

/** Digits of a keyed digest; enough to see that two digests differ. */
const SHOWN_DIGITS = 12;
/** More would not be read. */
const MAX_LOGOS = 1_000;

export function addMerchantsCommands(program: Command): void {
  const merchants = program.command('merchants').description('inspect and assign merchants');
  merchants
    .command('history <merchant_id>')
    .description(
      'list who changed its PayPay accounts, name, branding and frame origins, and when; oldest first',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('merchants history merchant_001'))
    .action(showHistory);
  merchants
    .command('logos')
    .description('list merchants whose logo could not be fetched, or not yet, and why')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('merchants logos'))
    .action(showMissingLogos);
  withReason(merchants.command('assign <merchant_id>'))
    .description(
      'assign a merchant to another upstream system; from then on only its sync keys may change the merchant',
    )
    .requiredOption('--upstream <name>', 'the upstream system')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('merchants assign merchant_001 --upstream erp'))
    .action(async (merchantId: string, options: JsonOption & ReasonOption & { upstream: string }) => {
      const upstream = readUpstream(options.upstream);
      const by = actContextOf(options);
      await withDatabase(loadConfig(), async (db) =>
        assignMerchant({ db, clock: await openClock(db) }, by, merchantId, upstream),
      );
      printResult(
        options,
        { merchant_id: merchantId, upstream },
        `${merchantId} now belongs to the upstream system ${upstream}.`,
      );
    });
}

async function showMissingLogos(options: JsonOption): Promise<void> {
  const logos = await readDatabase(loadConfig(), (db) => listMissingLogos(db, MAX_LOGOS));
  const shown = logos.map(({ merchantId, url, tries, problem, nextTryAt }) => ({
    merchant_id: merchantId,
    url,
    tries,
    problem: problem ?? null,
    next_try_at: nextTryAt?.toISOString() ?? null,
  }));
  printList(options, shown, {
    headings: ['MERCHANT', 'URL', 'PROBLEM', 'TRIES', 'NEXT TRY'],
    rows: shown.map((logo) => [
      logo.merchant_id,
      logo.url,
      logo.problem ?? 'not fetched yet',
      String(logo.tries),
      logo.next_try_at ?? 'given up',
    ]),
    noun: 'missing logo',
    none: 'Every merchant with a logo URL has its logo.',
  });
}

async function showHistory(merchantId: string, options: JsonOption): Promise<void> {
  const events = await readDatabase(loadConfig(), async (db) => {
    if (!(await hasMerchant(db, merchantId))) {
      throw new UsageError(`there is no merchant ${merchantId}`);
    }
    return listMerchantEvents(db, merchantId);
  });
  printList(options, events.map(presentEvent), {
    headings: ['TIME', 'OF', 'FIELD', 'CHANGE', 'BY', 'API KEY', 'ADDRESS', 'REQUEST'],
    rows: events.map(toRow),
    noun: 'change',
    none: `${merchantId} has never been changed.`,
  });
}

function presentEvent(event: MerchantEvent) {
  return {
    id: event.id,
    created_at: event.createdAt.toISOString(),
    merchant_id: event.merchantId,
    store_id: event.storeId ?? null,
    provider: event.provider ?? null,
    field: event.field,
    before: event.before,
    after: event.after,
    upstream: event.upstream,
    api_key: event.apiKey ?? null,
    client_address: event.clientAddress ?? null,
    request_id: event.requestId ?? null,
  };
}

function toRow(event: MerchantEvent): string[] {
  const { field } = event;
  // Quoted and escaped, because a name may contain terminal control sequences.
  const shown = (value: string | null) =>
    value === null ? '-' : field === 'credentials' ? value.slice(0, SHOWN_DIGITS) : JSON.stringify(value);
  return [
    event.createdAt.toISOString(),
    event.storeId === undefined ? 'merchant' : `store ${event.storeId}`,
    field,
    `${shown(event.before)} → ${shown(event.after)}`,
    `upstream ${event.upstream}`,
    event.apiKey ?? '-',
    event.clientAddress ?? '-',
    event.requestId ?? '-',
  ];
}
