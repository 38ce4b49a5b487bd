/**
 * The addresses of the running gateway, in a file in DATA_DIR, so that commands on this machine find it whatever its ports are.
 * The file is removed at the end. After a crash it stays, and is recognized by its process, which is gone.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Disposers } from '../runtime-resources.ts';

/** URLs for programs on this machine. */
export interface Addresses {
  readonly gateway: string;
  /** If the sandbox is part of the gateway. */
  readonly sandbox: string | undefined;
  /** Where operators reach the console, if there is one. */
  readonly console: string | undefined;
}

const FILE = 'gateway.json';

/** Leaves the addresses of this process in DATA_DIR until it ends, if the folder can be written. */
export async function announceAddresses(
  { dataDir }: Config,
  addresses: Addresses,
  log: Logger,
  disposers: Disposers,
): Promise<void> {
  const file = join(dataDir, FILE);
  const own = JSON.stringify({
    ...addresses,
    pid: process.pid,
    host: hostname(),
    started_at: systemClock.now().toISOString(),
  });
  const part = `${file}.${process.pid}`;
  // Under its name only when it is complete, because a command may read it at any time.
  try {
    await writeFile(part, `${own}\n`, { mode: 0o600 });
    await rename(part, file);
  } catch (err) {
    // With a database and keys of its own, a gateway needs no DATA_DIR: it may be absent or read-only.
    log.debug({ err }, 'the addresses for commands were not stored in DATA_DIR');
    return;
  }
  disposers.push(async () => {
    // Another gateway with the same folder may have replaced it.
    if ((await readFile(file, 'utf8').catch(() => '')) === `${own}\n`) {
      await rm(file, { force: true });
    }
  });
}

/** The addresses of the gateway that runs with this DATA_DIR; undefined when none does on this machine. */
export async function findAddresses({ dataDir }: Pick<Config, 'dataDir'>): Promise<Addresses | undefined> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch(() => undefined);
  const found = text === undefined ? undefined : parse(text);
  return found && found.host === hostname() && isRunning(found.pid) ? found : undefined;
}

/** Of the running gateway or, where none is found, where one has its sandbox by default. */
export async function findSandboxUrl(config: Config): Promise<string> {
  return (await findAddresses(config))?.sandbox ?? `http://127.0.0.1:${config.sandboxPort}`;
}

interface Announced extends Addresses {
  readonly pid: number;
  readonly host: string;
}

function parse(text: string): Announced | undefined {
  try {
    const { gateway, sandbox, console, pid, host } = JSON.parse(text) as Partial<Announced>;
    const isValid = typeof gateway === 'string' && typeof host === 'string' && Number.isSafeInteger(pid);
    return isValid ? { gateway, sandbox, console, host, pid: Number(pid) } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 is not sent; it only asks whether it could be.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
