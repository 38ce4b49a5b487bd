/**
 * One serving process: the services with the HTTP server, its metrics, and, unless they run elsewhere, the workers.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Document } from 'openapi-backend';
import { parse } from 'yaml';
import type { Config } from '../config.ts';
import { createDeps, type Deps } from '../deps.ts';
import { createApp } from '../http/app.ts';
import { serveMetrics } from '../http/metrics-server.ts';
import { type HttpServer, listen } from '../http/server.ts';
import { systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type Runner, startWorkers } from '../workers/runner.ts';
import { createWorkers } from '../workers/workers.ts';
import { type Disposers, listenOrSay, type RuntimeResources } from './runtime-resources.ts';

const CONTRACT = new URL('../../openapi.yaml', import.meta.url);
/** Who moves the clock of a sandbox waits this long for what is due by then. */
const CATCH_UP_MS = 5_000;
const COMPILED_CONTRACT = new URL('../../../openapi.yaml', import.meta.url);

/** The services of this process. */
export async function openDeps(
  config: Config,
  log: Logger,
  { databaseUrl, payPay }: Pick<RuntimeResources, 'databaseUrl' | 'payPay'>,
  disposers: Disposers,
): Promise<Deps> {
  const deps = await createDeps(config, log, databaseUrl, payPay);
  disposers.push(() => deps.close());
  return deps;
}

/** @throws ConfigError when the port is in use */
export async function openServer(config: Config, deps: Deps, disposers: Disposers): Promise<HttpServer> {
  const limits = { global: config.rateLimits.globalPerMinute, merchant: config.rateLimits.merchantPerMinute };
  const app = await createApp(deps, {
    ...(await loadContract()),
    publicUrl: config.http.publicBaseUrl,
    limits,
    counters: deps.counters,
    contractSample: config.http.contractSample,
  });
  const server = await listenOrSay(
    () => listen(app, config.http.port, config.http.host),
    'PORT',
    config.http.port,
  );
  disposers.push(() => server.close());
  return server;
}

/** Where programs on this machine reach the gateway; by address, for names mean different addresses on different machines. */
export function localUrl({ http }: Config, port: number): string {
  const host = http.host === '0.0.0.0' ? '127.0.0.1' : http.host === '::' ? '::1' : http.host;
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** @returns the runner, which also hears the nudges of this process */
export function openWorkers(deps: Deps, disposers: Disposers): Runner {
  const runner = startWorkers(createWorkers(deps), deps);
  deps.onWake((work) => runner.wake(work));
  deps.onTimeMoved(() => catchUp(runner));
  disposers.push(() => runner.stop());
  return runner;
}

/** A provider that hangs must not hang the one who has moved the clock. */
async function catchUp(runner: Runner): Promise<void> {
  const enough = new AbortController();
  await Promise.race([runner.catchUp(), systemClock.sleep(CATCH_UP_MS, enough.signal)]);
  enough.abort();
}

/** @param port where Prometheus reads; undefined: nowhere */
export async function openMetrics(
  config: Config,
  deps: Deps,
  port: number | undefined,
  disposers: Disposers,
): Promise<void> {
  if (port === undefined) {
    return;
  }
  const serve = () => serveMetrics(deps.metrics, port, config.http.host, deps.log);
  const server = await listenOrSay(serve, 'METRICS_PORT', port);
  disposers.push(() => server.close());
}

/** The contract lies in the project's root, one folder further up from the compiled program. */
async function loadContract(): Promise<{ contract: Document; contractText: string }> {
  const contractText = await readFile(COMPILED_CONTRACT, 'utf8').catch(() => readFile(CONTRACT, 'utf8'));
  return { contract: parse(contractText) as Document, contractText };
}
