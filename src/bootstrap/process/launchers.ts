/**
 * Notices the end of the programs that only wait for this one: npm, and the shells of `sh -c "npm start"`. Many shells,
 * such as dash, stay between a supervisor and its command, and end at SIGTERM without passing it on. Then nobody is left
 * who could stop this process. Linux only: elsewhere the shells replace themselves by their last command.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** How soon the end of a launcher is noticed. */
const CHECK_MS = 500;
/** More than any sensible chain of scripts has. */
const MAX_LAUNCHERS = 8;

const NPM = /^npm( |$)/;
const SHELL = /^-?(ba|da|a|k|z)?sh$/;
const COMMAND_OPTION = /^-\w*c$/;
/** A shell may leave such a command running on purpose. Not `&&`, and not the redirections `>&` and `&>`. */
const IN_BACKGROUND = /(?<![&>|])&(?![&>])/;

/** A process and its parent, which waits for it. */
interface Link {
  readonly pid: number;
  readonly launcher: number;
}

/**
 * Calls `onEnd` once when one of the launchers ends.
 * @returns a function that stops watching
 */
export function watchLaunchers(onEnd: () => void): () => void {
  const links = findLaunchers();
  if (links.length === 0) {
    return () => undefined;
  }
  const timer = setInterval(() => {
    if (links.some(({ pid, launcher }) => parentOf(pid) !== launcher)) {
      clearInterval(timer);
      onEnd();
    }
  }, CHECK_MS).unref();
  return () => clearInterval(timer);
}

function findLaunchers(): Link[] {
  const links: Link[] = [];
  let { pid } = process;
  while (links.length < MAX_LAUNCHERS) {
    const launcher = parentOf(pid);
    if (launcher === undefined || !isLauncher(argumentsOf(launcher))) {
      break;
    }
    links.push({ pid, launcher });
    pid = launcher;
  }
  return links;
}

/** Whether a program with these arguments exists only to wait for its command. */
export function isLauncher([program = '', ...args]: readonly string[]): boolean {
  // npm replaces its arguments by a title.
  if (NPM.test(program)) {
    return true;
  }
  const option = args.findIndex((arg) => COMMAND_OPTION.test(arg));
  return option >= 0 && SHELL.test(basename(program)) && !IN_BACKGROUND.test(args[option + 1] ?? '');
}

function argumentsOf(pid: number): string[] {
  return readProcessFile(pid, 'cmdline').split('\0');
}

/** @returns undefined when the process has ended, or is not of this machine */
function parentOf(pid: number): number | undefined {
  if (pid === process.pid) {
    return process.ppid;
  }
  // The name of the program, in parentheses, may itself contain spaces and parentheses.
  const [, parent] = /\) \S (\d+) [^)]*$/.exec(readProcessFile(pid, 'stat')) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

function readProcessFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
