/**
 * Formats the results: as a table for the terminal, and in Markdown for the README.
 */
import { median, type SideResult } from './measure/measure.ts';
import { type Comparison, gatewayShareOf, type Measured, type Row, type Target } from './row.ts';

export interface RowReport {
  readonly row: Row;
  readonly measured: Measured;
  readonly comparisons: readonly Comparison[];
}

const COLUMNS = ['what', 'ours', 'against', 'theirs', 'ratio', 'spread', 'target', ''];

export function terminalTable(reports: readonly RowReport[]): string {
  return alignColumns([COLUMNS, ...reports.flatMap(({ comparisons }) => comparisons.map(cellsOf))]);
}

export function markdownTable(reports: readonly RowReport[]): string {
  const lines = reports.flatMap(({ comparisons }) =>
    comparisons.map((comparison) => `| ${cellsOf(comparison).slice(0, -1).join(' | ')} |`),
  );
  const head = COLUMNS.slice(0, -1);
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...lines].join('\n');
}

/** CPU microseconds per request and process: less affected than throughput by other load on the machine. */
export function cpuTable(reports: readonly RowReport[]): string {
  const lines = reports.flatMap(({ row, measured }) =>
    measured.sides
      .filter(({ samples }) => Object.keys(samples[0]?.cpuMicros ?? {}).length > 0)
      .map((side) => [row.id, side.name, ...cpuCells(side)]),
  );
  return alignColumns([['row', 'side', 'CPU µs per request'], ...lines]);
}

function cpuCells({ samples }: SideResult): string[] {
  const names = Object.keys(samples[0]?.cpuMicros ?? {});
  return names.map(
    (name) => `${name} ${median(samples.map(({ cpuMicros }) => cpuMicros[name] ?? 0)).toFixed(0)}`,
  );
}

function cellsOf({ row, ours, yardstick, ratios, ratio, isReached }: Comparison): string[] {
  return [
    row.what,
    `${ours.name} ${format(ours, row.unit)}`,
    yardstick.name,
    format(yardstick, row.unit),
    ratio.toFixed(2),
    `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
    describeTarget(row.target, ours),
    isReached ? 'reached' : 'missed',
  ];
}

function describeTarget(target: Target, ours: SideResult): string {
  if ('atLeast' in target) {
    return `≥ ${target.atLeast}`;
  }
  if ('max' in target) {
    return `≤ ${target.max}`;
  }
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return `gateway's CPU share ≤ ${percent(target.maxGatewayShare)}, is ${percent(gatewayShareOf(ours))}`;
}

function format({ samples }: SideResult, unit: Row['unit']): string {
  const value = median(samples.map((sample) => sample.value));
  const text = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`;
}

function alignColumns(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const line of lines) {
    for (const [column, cell] of line.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
