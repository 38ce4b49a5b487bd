/**
 * The command-line options of the benchmark.
 */
import { parseArgs } from 'node:util';

export interface Options {
  readonly isQuick: boolean;
  /** Ids of the rows to measure; all if undefined. */
  readonly only: readonly string[] | undefined;
  readonly rounds: number;
  /** The duration of one measurement. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Concurrent connections of the load. */
  readonly connections: number;
  /** Intents in the big database. */
  readonly scale: number;
  /** Requests before memory is measured for the second time. */
  readonly memoryRequests: number;
  /** Where to keep the databases; a temporary folder if undefined. */
  readonly dataDir: string | undefined;
  readonly isProfiling: boolean;
  readonly isMarkdown: boolean;
  readonly jsonFile: string | undefined;
}

export const USAGE = `npm run bench -- [options]

  --quick             a rough measurement of all rows in about two minutes
  --only <row,row>    only these rows; --list shows them
  --rounds <n>        measurements of each side (5)
  --seconds <n>       duration of each measurement (5)
  --connections <n>   concurrent clients (64)
  --scale <n>         intents in the big database (1000000)
  --memory <n>        requests before memory is measured again (1000000)
  --data-dir <folder> keep the databases there, so that another run can reuse the big one
  --prof              profile the gateway in each row and print where its time goes
  --markdown          also print the table as Markdown, for the README
  --json <file>       write all measurements to a file
  --list              print the rows`;

const QUICK = { rounds: 2, seconds: 1, scale: 50_000, memory: 20_000 };
const FULL = { rounds: 5, seconds: 5, scale: 1_000_000, memory: 1_000_000 };

/** Parses the arguments. @returns `help` or `list` if the usage or the list of rows was requested */
export function readOptions(args: string[]): Options | 'help' | 'list' {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      scale: { type: 'string' },
      memory: { type: 'string' },
      'data-dir': { type: 'string' },
      prof: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    return 'help';
  }
  if (values.list) {
    return 'list';
  }
  const defaults = values.quick ? QUICK : FULL;
  const seconds = readNumber('seconds', values.seconds, defaults.seconds);
  return {
    isQuick: values.quick,
    only: values.only?.split(','),
    rounds: readNumber('rounds', values.rounds, defaults.rounds),
    seconds,
    warmupSeconds: Math.min(seconds, 3),
    connections: readNumber('connections', values.connections, 64),
    scale: readNumber('scale', values.scale, defaults.scale),
    memoryRequests: readNumber('memory', values.memory, defaults.memory),
    dataDir: values['data-dir'],
    isProfiling: values.prof,
    isMarkdown: values.markdown,
    jsonFile: values.json,
  };
}

function readNumber(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) {
    return fallback;
  }
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new Error(`--${name} must be a whole number of at least 1`);
  }
  return Number(text);
}
