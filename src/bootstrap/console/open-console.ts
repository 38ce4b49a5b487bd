/**
 * Opens the console of a process that has one.
 */
import type { Config } from '../../config.ts';
import { createConsole } from '../../console/app.ts';
import type { Deps } from '../../deps.ts';
import { listen } from '../../http/server.ts';
import { findFreePort } from '../../lib/net/free-port.ts';
import { createDemoLink } from '../../services/operator-accounts/demo-operator.ts';
import { type Disposers, openPort } from '../runtime-resources.ts';

export interface OpenedConsole {
  /** Where operators reach it. */
  readonly url: string;
  /** Signs in as the demo operator, once; undefined where payments are not simulated. */
  readonly demoLink: string | undefined;
}

/** @throws ConfigError when CONSOLE_PORT is in use */
export async function openConsole(
  config: Config,
  deps: Deps,
  disposers: Disposers,
): Promise<OpenedConsole | undefined> {
  const { port, isPortGiven } = config.operatorConsole;
  if (port === undefined) {
    return undefined;
  }
  const { host } = config.http;
  const open = (actual: number) => openOn(config, deps, disposers, actual);
  const wanted = port === 0 ? await findFreePort(host) : port;
  const url = isPortGiven
    ? await openPort(() => open(wanted), 'CONSOLE_PORT', wanted)
    : await openOrElsewhere(open, wanted, host);
  const path = await createDemoLink(deps);
  return { url, demoLink: path && `${url}${path}` };
}

/** Several gateways on one machine need no setting for a console that nobody asked for. */
async function openOrElsewhere(
  open: (port: number) => Promise<string>,
  wanted: number,
  host: string,
): Promise<string> {
  try {
    return await open(wanted);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') {
      throw error;
    }
    return open(await findFreePort(host));
  }
}

/** @returns where operators reach it, which its links and passkeys depend on */
async function openOn(config: Config, deps: Deps, disposers: Disposers, port: number): Promise<string> {
  const { url = new URL(`http://localhost:${port}`).origin, oidc } = config.operatorConsole;
  const app = createConsole({
    ...deps,
    options: { url, oidc, trustedProxies: config.http.trustedProxies, counters: deps.counters },
  });
  const server = await listen(app, port, config.http.host, { keepAliveMs: config.http.keepAliveMs });
  disposers.push(() => server.close());
  return url;
}
