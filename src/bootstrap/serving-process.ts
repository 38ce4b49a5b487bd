/**
 * The parts of one serving process: services, HTTP server, metrics and, unless they run elsewhere, the workers.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Document } from 'openapi-backend';
import { LOOPBACK } from '../config/read.ts';
import type { Config } from '../config.ts';
import { createDeps, type Deps } from '../deps.ts';
import { createApp } from '../http/app.ts';
import { serveMetrics } from '../http/metrics-server.ts';
import { type HttpServer, listen } from '../http/server.ts';
import { systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type Runner, startWorkers } from '../workers/runner.ts';
import { createWorkers } from '../workers/workers.ts';
import { refuseSandboxKeys } from './demo-data.ts';
import { type Disposers, openPort, type RuntimeResources } from './runtime-resources.ts';

const CONTRACT = new URL('../../openapi.yaml', import.meta.url);
const COMPILED_CONTRACT = new URL('../../openapi.json', import.meta.url);
/** How long a request to move the sandbox's clock waits for the work that becomes due by it. */
const CATCH_UP_MS = 5_000;

/**
 * The services of this process.
 * @throws ConfigError when the public keys of a sandbox would work where money is real
 */
export async function openDeps(
  config: Config,
  log: Logger,
  resources: Pick<RuntimeResources, 'databaseUrl' | 'payPay'> & Partial<RuntimeResources>,
  disposers: Disposers,
): Promise<Deps> {
  const deps = await createDeps(config, log, resources.databaseUrl, resources.payPay);
  resources.connectSandbox?.(deps);
  disposers.push(() => deps.close());
  await refuseSandboxKeys(config, deps);
  return deps;
}

/**
 * @param payPayUrl the documentation shows it as the sandbox's address if it is on this machine
 * @throws ConfigError when the port is in use
 */
export async function openServer(
  config: Config,
  deps: Deps,
  disposers: Disposers,
  payPayUrl: string,
): Promise<HttpServer> {
  const limits = { global: config.rateLimits.globalPerMinute, merchant: config.rateLimits.merchantPerMinute };
  const app = await createApp(deps, {
    ...(await loadContract()),
    publicUrl: config.http.publicBaseUrl,
    sandboxUrl: LOOPBACK.test(new URL(payPayUrl).hostname) ? payPayUrl : undefined,
    limits,
    trustedProxies: config.http.trustedProxies,
    counters: deps.counters,
    contractSample: config.http.contractSample,
  });
  const server = await openPort(
    () => listen(app, config.http.port, config.http.host, { keepAliveMs: config.http.keepAliveMs }),
    'PORT',
    config.http.port,
  );
  disposers.push(() => server.close());
  return server;
}

/** The gateway's URL for programs on this machine. By address, because localhost may resolve to IPv4 or IPv6. */
export function localUrl({ http }: Config, port: number): string {
  const host = http.host === '0.0.0.0' ? '127.0.0.1' : http.host === '::' ? '::1' : http.host;
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Logs each setting that is allowed but risky. */
export function logWarnings({ warnings }: Config, log: Logger): void {
  for (const warning of warnings) {
    log.warn(warning);
  }
}

/** Starts the workers, which the services of this process can wake. */
export function openWorkers(deps: Deps, disposers: Disposers): Runner {
  const runner = startWorkers(createWorkers(deps), deps);
  deps.onWake((work) => runner.wake(work));
  deps.onTimeMoved(() => catchUp(runner));
  disposers.push(() => runner.stop());
  return runner;
}

/** Runs all workers, but does not wait longer than CATCH_UP_MS: a provider that hangs must not block the caller. */
async function catchUp(runner: Runner): Promise<void> {
  const timeout = new AbortController();
  await Promise.race([runner.catchUp(), systemClock.sleep(CATCH_UP_MS, timeout.signal)]);
  timeout.abort();
}

/** @param port of the Prometheus endpoint; if undefined, none is opened */
export async function openMetrics(
  config: Config,
  deps: Deps,
  port: number | undefined,
  disposers: Disposers,
): Promise<void> {
  if (port === undefined) {
    return;
  }
  const serve = () => serveMetrics(deps.metrics, port, config.metricsHost, deps.log);
  const server = await openPort(serve, 'METRICS_PORT', port);
  disposers.push(() => server.close());
}

/** The contract is in the project's root. The build leaves it as JSON too, because parsing that is a hundred times faster. */
async function loadContract(): Promise<{ contract: Document; contractText: string }> {
  const compiled = await readFile(COMPILED_CONTRACT, 'utf8').catch(() => undefined);
  if (compiled === undefined) {
    const [contractText, { parse }] = await Promise.all([readFile(CONTRACT, 'utf8'), import('yaml')]);
    return { contract: parse(contractText) as Document, contractText };
  }
  const contractText = await readFile(new URL('../openapi.yaml', COMPILED_CONTRACT), 'utf8');
  return { contract: JSON.parse(compiled) as Document, contractText };
}
