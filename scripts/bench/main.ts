/**
 * `npm run bench`: measures the gateway side by side with the best possible implementation and reports the ratios.
 * --help lists the options.
 */
import { writeFile } from 'node:fs/promises';
import { type Bench, openBench } from './bench.ts';
import { describeMachine } from './machine.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { cpuTable, markdownTable, type RowReport, terminalTable } from './report.ts';
import { comparisonsOf, type Row } from './row.ts';
import { ROWS } from './rows/rows.ts';

const options = readOptions(process.argv.slice(2));
if (options === 'help') {
  print(USAGE);
} else if (options === 'list') {
  print(ROWS.map(({ id, what }) => `${id.padEnd(14)}${what}`).join('\n'));
} else {
  await run(options);
}

async function run(chosen: Options): Promise<void> {
  const rows = chooseRows(chosen.only);
  const bench = await openBench(chosen, progress);
  const onSignal = () => {
    // Running measurements fail when their servers are stopped; these errors are expected.
    process.on('uncaughtException', () => undefined);
    void bench.close().finally(() => process.exit(1));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const reports: RowReport[] = [];
    for (const row of rows) {
      reports.push(...(await measureRow(row, bench)));
    }
    progress('');
    await printReport(reports, bench);
  } finally {
    await bench.close();
  }
}

function chooseRows(only: readonly string[] | undefined): readonly Row[] {
  const unknown = only?.find((id) => !ROWS.some((row) => row.id === id));
  if (unknown !== undefined) {
    throw new Error(`there is no row ${unknown}; --list shows them`);
  }
  return ROWS.filter(({ id }) => only?.includes(id) ?? true);
}

/** Measures one row. A failure is reported and does not prevent the other rows. */
async function measureRow(row: Row, bench: Bench): Promise<RowReport[]> {
  progress(`${row.what} …`);
  try {
    const measured = await row.measure(bench);
    for (const profile of bench.takeProfiles()) {
      print(`${row.what}: where the time goes in ${profile}\n`);
    }
    return [{ row, measured, comparisons: comparisonsOf(row, measured) }];
  } catch (error) {
    progress(`${row.what} could not be measured: ${(error as Error).message}`);
    process.exitCode = 1;
    return [];
  }
}

async function printReport(reports: readonly RowReport[], bench: Bench): Promise<void> {
  const machine = describeMachine(bench.postgresVersion);
  print(`${machine}\n\n${terminalTable(reports)}\n\n${cpuTable(reports)}`);
  const notes = reports.flatMap(({ row, measured }) =>
    (measured.notes ?? []).map((note) => `${row.id}: ${note}`),
  );
  if (notes.length > 0) {
    print(`\n${notes.join('\n')}`);
  }
  if (bench.options.isMarkdown) {
    print(`\n${machine}\n\n${markdownTable(reports)}`);
  }
  const { jsonFile } = bench.options;
  if (jsonFile === undefined) {
    return;
  }
  const rows = reports.map(({ row, measured, comparisons }) => ({
    id: row.id,
    what: row.what,
    unit: row.unit,
    target: row.target,
    ...measured,
    comparisons: comparisons.map(({ yardstick, ratios, ratio, isReached }) => ({
      against: yardstick.name,
      ratios,
      ratio,
      isReached,
    })),
  }));
  await writeFile(jsonFile, `${JSON.stringify({ machine, options: bench.options, rows }, null, 2)}\n`);
}

/** Prints to standard error, so that standard output contains only the result. */
function progress(text: string): void {
  process.stderr.write(text === '' ? '\n' : `${text}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
