/**
 * The benchmark's options, from its command line.
 */
import { parseArgs } from 'node:util';

export interface Options {
  readonly isQuick: boolean;
  /** Ids of rows; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly rounds: number;
  /** Of one side in one round. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Connections of a load of many clients. */
  readonly connections: number;
  /** Intents in the big database. */
  readonly scale: number;
  /** Requests until memory is looked at for the second time. */
  readonly memoryRequests: number;
  /** Keeps the databases here; undefined: a temporary folder. */
  readonly dataDir: string | undefined;
  readonly isProfiling: boolean;
  readonly isMarkdown: boolean;
  readonly jsonFile: string | undefined;
}

export const USAGE = `npm run bench -- [options]

  --quick             a rough look at everything in about two minutes
  --only <row,row>    only these rows; --list shows them
  --rounds <n>        how often each side is measured (5)
  --seconds <n>       how long each time (5)
  --connections <n>   clients at once (64)
  --scale <n>         intents in the big database (1000000)
  --memory <n>        requests until memory is looked at again (1000000)
  --data-dir <folder> keeps the databases there; a second run finds the big one made
  --prof              profiles the gateway in each row and prints where its time goes
  --markdown          prints the table for the README
  --json <file>       writes everything measured
  --list              prints the rows`;

const QUICK = { rounds: 2, seconds: 1, scale: 50_000, memory: 20_000 };
const FULL = { rounds: 5, seconds: 5, scale: 1_000_000, memory: 1_000_000 };

/** @returns undefined when help or the list of rows was asked for */
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
    throw new Error(`--${name} takes a whole number from 1 on`);
  }
  return Number(text);
}
