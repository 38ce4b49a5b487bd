/**
 * A log that writes nothing and, unlike one of standard output, leaves no listener on the process.
 */
import { createLog } from '../../src/lib/log.ts';

export const silentLog = createLog('silent', { write: () => undefined });
