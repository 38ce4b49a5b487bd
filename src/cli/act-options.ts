/**
 * Who runs a command that changes something, and why, for the audit log.
 */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { ActContext } from '../domain/audit/act.ts';
import { UsageError } from '../lib/terminal.ts';

export interface ReasonOption {
  readonly reason?: string | undefined;
}

/** A sentence. Control characters would change what a terminal shows. */
const REASON = /^\P{C}{1,500}$/u;
const MAX_USER_NAME = 64;

/** Adds the option to a command that changes something. */
export function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why, for the audit log');
}

/** @throws UsageError when the reason cannot be recorded */
export function actContextOf({ reason }: ReasonOption): ActContext {
  if (reason !== undefined && !REASON.test(reason)) {
    throw new UsageError('the reason must have 1 to 500 characters, none of them a control character');
  }
  return { actor: { kind: 'command_line', id: userName() }, reason };
}

/** In a container the user may have no name, but always a number. */
function userName(): string {
  try {
    return userInfo().username.slice(0, MAX_USER_NAME);
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
