/**
 * CPU time and memory of processes, from /proc. On a noisy machine CPU time is a steadier figure than throughput.
 * Zero on systems without /proc.
 */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU time of one process with all its threads. */
export function cpuSecondsOf(pid: number): number {
  const stat = readStat(pid);
  return stat === undefined ? 0 : (stat.user + stat.system) / TICKS_PER_SECOND;
}

/** CPU time of a process and its children, including ended ones; for PostgreSQL with its backends. */
export function cpuSecondsOfTree(pid: number): number {
  const stat = readStat(pid);
  if (stat === undefined) {
    return 0;
  }
  const children = readPids().reduce(
    (sum, child) => (readStat(child)?.parent === pid ? sum + cpuSecondsOf(child) : sum),
    0,
  );
  return (stat.user + stat.system + stat.endedChildren) / TICKS_PER_SECOND + children;
}

/** Resident memory in bytes. */
export function residentBytesOf(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+) kB/.exec(readText(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) * 1024;
}

function readPids(): number[] {
  if (process.platform !== 'linux') {
    return [];
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readStat(pid: number) {
  const text = readText(`/proc/${pid}/stat`);
  if (text === '') {
    return undefined;
  }
  // The program's name may contain spaces; the fields start after its closing parenthesis.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (n: number) => fields[n - 3] ?? 0;
  return { parent: field(4), user: field(14), system: field(15), endedChildren: field(16) + field(17) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
