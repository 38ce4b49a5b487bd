/**
 * Reads the name of an upstream system from the command line.
 */
import { UsageError } from '../lib/terminal.ts';

/** Restricted to characters that are safe in messages and logs. */
const UPSTREAM_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws UsageError when the name is not valid */
export function readUpstream(name: string): string {
  if (!UPSTREAM_NAME.test(name)) {
    throw new UsageError('--upstream must be 1 to 64 letters, digits, dots, hyphens or underscores');
  }
  return name;
}
