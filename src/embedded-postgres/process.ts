/**
 * Checks whether a pid is the server of a folder. A pid alone proves nothing: after a crash, and in containers almost
 * always, another program has it.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A setting that identifies the server's folder, because the path after `-D` may be relative to that folder. */
export const FOLDER_SETTING = 'mpac_pgw.folder';

/** Whether the process is a PostgreSQL server started on this folder. False for zombies and the server's backends. */
export async function isRunningOn(pid: number, folder: string): Promise<boolean> {
  const args = process.platform === 'linux' ? await readArguments(pid) : await readArgumentsFromPs(pid);
  return args.includes(`\0-D\0${folder}\0`) || args.includes(`\0-c\0${FOLDER_SETTING}=${folder}\0`);
}

/** Backends rewrite their arguments, and zombies have none. */
async function readArguments(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

async function readArgumentsFromPs(pid: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]);
    // In the format of /proc. A folder may contain spaces, so only the options around it are matched.
    return stdout.trim().replace(/ -D (.*?)( -c |$)/, '\0-D\0$1\0');
  } catch {
    return '';
  }
}
