/**
 * Where operators reach the console, for links that commands print.
 */
import { type Config, ConfigError } from '../../config.ts';
import { findAddresses } from '../process/addresses.ts';

/** Of the running gateway or, where none is found, as configured. @throws ConfigError when there is no console */
export async function consoleUrl(config: Config): Promise<string> {
  const { port, url } = config.operatorConsole;
  const running = url ?? (await findAddresses(config))?.console;
  if (running !== undefined) {
    return running;
  }
  if (port === undefined || port === 0) {
    throw new ConfigError('CONSOLE_URL', 'must be set: without it the console has no address for the link');
  }
  return new URL(`http://localhost:${port}`).origin;
}
