/**
 * The address of the gateway to which a command makes requests.
 */
import { findAddresses } from '../bootstrap/process/addresses.ts';
import type { Config } from '../config.ts';

/** @param given by the option `--url` */
export async function findGatewayUrl(config: Config, given: string | undefined): Promise<string> {
  const set = given ?? config.client.gatewayUrl;
  return set ?? (await findAddresses(config))?.gateway ?? config.http.publicBaseUrl;
}

export const URL_OPTION = 'the address of the gateway; by default the one that runs with this DATA_DIR';
