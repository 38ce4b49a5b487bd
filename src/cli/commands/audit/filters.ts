/**
 * The options by which `pgw audit list` and `export` choose rows.
 */
import type { Command } from 'commander';
import { ACT_TYPES } from '../../../domain/audit/act.ts';
import { parseDateTime, parseDay } from '../../../lib/date-time.ts';
import { UsageError } from '../../../lib/terminal.ts';
import type { AuditFilter } from '../../../store/audit/audit-log.ts';

export interface PeriodOptions {
  readonly since?: string;
  readonly until?: string;
}

export interface FilterOptions extends PeriodOptions {
  readonly object?: string;
  readonly actor?: string;
  readonly merchant?: string;
  readonly type?: string;
}

export function addPeriod(command: Command): Command {
  return command
    .option('--since <time>', 'only what was done on this day, such as 2026-01-15, or at this time, or later')
    .option('--until <time>', 'only what was done before this day, or before this time');
}

export function addFilters(command: Command): Command {
  return addPeriod(
    command
      .option('--object <id>', 'only what was done to this, such as a payment intent or an API key')
      .option('--actor <id>', 'only what this operator, API key or user did')
      .option('--merchant <id>', 'only what concerns this merchant')
      .option('--type <type>', 'only acts of this type, such as api_key.created'),
  );
}

/** @throws UsageError when an option has no possible value */
export function readPeriod({ since, until }: PeriodOptions): AuditFilter {
  return { since: readTime('--since', since), until: readTime('--until', until) };
}

/** @throws UsageError when an option has no possible value */
export function readFilters(options: FilterOptions): AuditFilter {
  const type = ACT_TYPES.find((each) => each === options.type);
  if (options.type !== undefined && type === undefined) {
    throw new UsageError(`--type takes one of ${ACT_TYPES.join(', ')}`);
  }
  const { object: objectId, actor: actorId, merchant: merchantId } = options;
  return { objectId, actorId, merchantId, type, ...readPeriod(options) };
}

/** A day begins at midnight in Japan. */
function readTime(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) {
    return undefined;
  }
  const time = parseDateTime(parseDay(text) === undefined ? text : `${text}T00:00:00+09:00`);
  if (!time) {
    throw new UsageError(
      `${option} takes a day such as 2026-01-15, which begins at midnight in Japan, or a time with its zone such as ` +
        '2026-01-15T09:30:00+09:00',
    );
  }
  return time;
}
