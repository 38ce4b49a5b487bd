/**
 * `pgw endpoints …`: lists the webhook endpoints of merchants, and disables or enables one.
 */
import type { Command } from 'commander';
import { openClock, readDatabase, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { shownStatus, type WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { type JsonOption, printResult } from '../../lib/terminal.ts';
import {
  disableEndpoint,
  enableEndpoint,
  listEndpointsOf,
} from '../../services/operator/webhook-endpoints.ts';
import { actContextOf, type ReasonOption, withReason } from '../act-options.ts';
import { examples } from '../output/examples.ts';
import { printList, statusText } from '../output/list.ts';

/** Of the fields of `present`. */
const HEADINGS = ['ID', 'MERCHANT', 'STATUS', 'DISABLED BY', 'FAILING SINCE', 'URL'];

export function addEndpointsCommands(program: Command): void {
  const endpoints = program.command('endpoints').description('manage the webhook endpoints of merchants');
  endpoints
    .command('list')
    .description('list webhook endpoints with their status, without their secrets')
    .option('--merchant <id>', 'only the endpoints of this merchant')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('endpoints list', 'endpoints list --merchant merchant_001 --json'))
    .action(async (options: JsonOption & { merchant?: string }) => {
      const rows = (await readDatabase(loadConfig(), (db) => listEndpointsOf(db, options.merchant))).map(
        present,
      );
      printList(options, rows, {
        headings: HEADINGS,
        rows: rows.map((row) => Object.values(row).map((value) => statusText(value ?? '-'))),
        noun: 'webhook endpoint',
        none: 'There are no webhook endpoints.',
      });
    });
  withReason(endpoints.command('disable <id>'))
    .description('send nothing more to an endpoint until it is enabled; the merchant is informed by an event')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('endpoints disable we_01JHMB5V00ZX8Y7W6V5T4S3R2Q --reason "the shop has closed"'),
    )
    .action((id: string, options: JsonOption & ReasonOption) => change(disableEndpoint, id, options));
  withReason(endpoints.command('enable <id>'))
    .description('send events to an endpoint that is disabled, paused or suspended')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('endpoints enable we_01JHMB5V00ZX8Y7W6V5T4S3R2Q'))
    .action((id: string, options: JsonOption & ReasonOption) => change(enableEndpoint, id, options));
}

async function change(
  work: typeof disableEndpoint | typeof enableEndpoint,
  id: string,
  options: JsonOption & ReasonOption,
): Promise<void> {
  const by = actContextOf(options);
  const endpoint = await withDatabase(loadConfig(), async (db) =>
    work({ db, clock: await openClock(db) }, by, id),
  );
  printResult(options, present(endpoint), `${id} is ${endpoint.status}.`);
}

function present(endpoint: WebhookEndpoint) {
  const { id, merchantId, disabledReason, health, url } = endpoint;
  return {
    id,
    merchant_id: merchantId,
    status: shownStatus(endpoint),
    disabled_reason: disabledReason ?? null,
    failing_since: health.failingSince?.toISOString() ?? null,
    url,
  };
}
