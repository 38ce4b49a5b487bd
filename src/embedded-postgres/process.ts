/**
 * Whether a pid is the server of a folder. A pid alone proves nothing: after a crash, and in containers almost always, it
 * belongs to another program by now.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Whether the process is a PostgreSQL server started on this folder. Neither a zombie nor a backend is. */
export async function isRunningOn(pid: number, folder: string): Promise<boolean> {
  const args = process.platform === 'linux' ? await readArguments(pid) : await askPs(pid);
  return args.includes(`\0-D\0${folder}\0`);
}

/** Backends change their arguments, and a zombie has none. */
async function readArguments(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

async function askPs(pid: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]);
    // In the form of the other: a folder may hold spaces, so only what surrounds it is cut.
    return stdout.trim().replace(/ -D (.*?)( -c |$)/, '\0-D\0$1\0');
  } catch {
    return '';
  }
}
