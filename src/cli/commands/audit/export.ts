/**
 * `pgw audit export`: the audit log as JSON lines or CSV, to standard output or a file, in constant memory.
 */
import type { Command } from 'commander';
import { readDatabase } from '../../../bootstrap/database.ts';
import { loadConfig } from '../../../config.ts';
import { systemClock } from '../../../lib/clock.ts';
import { printAside } from '../../../lib/terminal.ts';
import { eachAct } from '../../../services/audit/each-act.ts';
import { actsAsCsv, actsAsJsonLines } from '../../../services/audit/export-acts.ts';
import { examples } from '../../output/examples.ts';
import { readFormat, refuseExisting, writeRows } from '../../output/export-rows.ts';
import { count } from '../../output/list.ts';
import { startProgress } from '../../output/progress.ts';
import { addPeriod, type PeriodOptions, readPeriod } from './filters.ts';

interface ExportOptions extends PeriodOptions {
  readonly format: string;
  readonly output?: string;
}

export function addExportCommand(audit: Command): void {
  addPeriod(
    audit
      .command('export')
      .description('write the log as JSON lines or CSV, oldest first, to standard output or a file'),
  )
    .option('--format <format>', 'jsonl or csv', 'jsonl')
    .option('--output <file>', 'write to this new file instead of standard output')
    .addHelpText(
      'after',
      examples(
        'audit export > audit.jsonl',
        'audit export --since 2026-01-01 --format csv --output audit.csv',
      ),
    )
    .action(exportLog);
}

async function exportLog(options: ExportOptions): Promise<void> {
  const { output } = options;
  const format = readFormat(options.format);
  const filter = readPeriod(options);
  if (output !== undefined) {
    await refuseExisting(output);
  }
  await readDatabase(loadConfig(), async (db) => {
    let rows = 0;
    // None where it would be mixed with the rows.
    const isApart = output !== undefined || !process.stdout.isTTY;
    const progress = isApart
      ? startProgress({ noun: 'act', until: filter.until ?? systemClock.now() })
      : undefined;
    const source = async function* () {
      try {
        for await (const act of eachAct(db, filter)) {
          rows += 1;
          progress?.update(rows, act.createdAt);
          yield act;
        }
      } finally {
        progress?.end();
      }
    };
    await writeRows(source(), format === 'csv' ? actsAsCsv : actsAsJsonLines, output);
    printAside(`Exported ${count(rows, 'act')}${output === undefined ? '' : ` to ${output}`}.`);
  });
}
