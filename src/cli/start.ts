/**
 * `pgw start`: everything at once. The database (embedded unless configured), migrations, the PayPay sandbox (unless
 * PayPay is configured), a demo merchant, the gateway and its workers; until SIGTERM, which lets requests finish.
 */
import { readFile } from 'node:fs/promises';
import type { Document } from 'openapi-backend';
import { parse } from 'yaml';
import { type Config, ConfigError } from '../config.ts';
import { createDeps, type Deps, type PayPayAccess } from '../deps.ts';
import { createApp } from '../http/app.ts';
import { serveMetrics } from '../http/metrics-server.ts';
import { type HttpServer, listen } from '../http/server.ts';
import { createLog, type Logger } from '../log.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { ensureSecret } from '../secrets.ts';
import { acquireGatewayLock } from '../store/gateway-lock.ts';
import { migrate } from '../store/migrate.ts';
import { startWorkers } from '../workers/runner.ts';
import { createWorkers } from '../workers/workers.ts';
import { openDatabase } from './database.ts';
import { ensureDemo } from './demo-data.ts';

const CONTRACT = new URL('../../openapi.yaml', import.meta.url);
const COMPILED_CONTRACT = new URL('../../../openapi.yaml', import.meta.url);

/** Things that were opened, closed in reverse order. */
type Closers = (() => Promise<unknown>)[];

/** Starts the gateway; resolves when it has shut down. */
export async function start(config: Config, print: (line: string) => void): Promise<void> {
  const log = createLog(config.logLevel);
  const closers: Closers = [];
  try {
    const running = await open(config, log, closers, print);
    await waitForSignal(log);
    running.deps.drain();
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function open(config: Config, log: Logger, closers: Closers, print: (line: string) => void) {
  const database = await openDatabase(config);
  if (database.isEmbedded) await lockDataDir(config, database.url, closers, database.stop);
  const sandbox = await openSandbox(config, log, closers);
  const payPay = await payPayAccess(config, sandbox);
  const deps = await createDeps(config, log, database.url, payPay);
  closers.push(() => deps.close());
  await migrate(deps.db);
  const server = await openServer(config, deps, closers);
  if (sandbox) sandbox.webhooks.url = `http://127.0.0.1:${server.port}/v1/webhooks/paypay`;
  openWorkers(deps, closers);
  await openMetrics(config, deps, closers);
  const demo = config.isProduction ? undefined : await ensureDemo(deps);
  greet(print, config, server, sandbox, demo);
  return { deps };
}

async function lockDataDir(
  config: Config,
  url: string,
  closers: Closers,
  stop: () => Promise<void>,
): Promise<void> {
  const release = await acquireGatewayLock(url);
  if (!release) {
    throw new ConfigError(
      'DATA_DIR',
      `(${config.dataDir}) is in use by another gateway: stop it, or choose another folder`,
    );
  }
  closers.push(stop, release);
}

async function openServer(config: Config, deps: Deps, closers: Closers): Promise<HttpServer> {
  const contract = await loadContract();
  const limits = { global: config.rateLimits.globalPerMinute, merchant: config.rateLimits.merchantPerMinute };
  const app = await createApp(deps, { contract, limits, counters: deps.counters });
  const server = await listenOrSay(
    () => listen(app, config.http.port, config.http.host),
    'PORT',
    config.http.port,
  );
  closers.push(() => server.close());
  return server;
}

async function openMetrics(config: Config, deps: Deps, closers: Closers): Promise<void> {
  const { metricsPort } = config;
  if (metricsPort === undefined) return;
  const serve = () => serveMetrics(deps.metrics, metricsPort, config.http.host, deps.log);
  const server = await listenOrSay(serve, 'METRICS_PORT', metricsPort);
  closers.push(() => server.close());
}

function openWorkers(deps: Deps, closers: Closers): void {
  const runner = startWorkers(createWorkers(deps), deps);
  deps.onNudge((work) => runner.nudge(work));
  closers.push(() => runner.stop());
}

async function openSandbox(config: Config, log: Logger, closers: Closers): Promise<Sandbox | undefined> {
  if (config.payPay.baseUrl !== undefined) return undefined;
  const { apiKey, apiSecret, webhookSecret } = await sandboxSecrets(config);
  const start = () =>
    startSandbox({
      port: config.sandboxPort,
      credentials: [{ apiKey, apiSecret }],
      webhookSecret,
      stateFile: `${config.dataDir}/sandbox-payments.jsonl`,
      log: log.child({ part: 'sandbox' }),
    });
  const sandbox = await listenOrSay(start, 'SANDBOX_PORT', config.sandboxPort);
  closers.push(() => sandbox.close());
  return sandbox;
}

async function sandboxSecrets(config: Config) {
  const [apiKey, apiSecret, generated] = await Promise.all([
    config.payPay.apiKey ?? ensureSecret(config.dataDir, 'sandbox-api-key', 12),
    config.payPay.apiSecret ?? ensureSecret(config.dataDir, 'sandbox-api-secret', 24),
    ensureSecret(config.dataDir, 'sandbox-webhook-secret', 24),
  ]);
  return { apiKey, apiSecret, webhookSecret: config.payPay.webhookSecret ?? generated };
}

async function payPayAccess(config: Config, sandbox: Sandbox | undefined): Promise<PayPayAccess> {
  if (sandbox) return { baseUrl: sandbox.url, ...(await sandboxSecrets(config)) };
  const { baseUrl = '', apiKey = '', apiSecret = '', webhookSecret } = config.payPay;
  return { baseUrl, apiKey, apiSecret, webhookSecret };
}

/** The contract lies in the project's root, one folder further up from the compiled program. */
async function loadContract(): Promise<Document> {
  const text = await readFile(COMPILED_CONTRACT, 'utf8').catch(() => readFile(CONTRACT, 'utf8'));
  return parse(text) as Document;
}

async function listenOrSay<T>(listening: () => Promise<T>, variable: string, port: number): Promise<T> {
  try {
    return await listening();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'EADDRINUSE')
      throw new ConfigError(variable, `${port} is in use by another program: choose another port`);
    if (code === 'EACCES')
      throw new ConfigError(variable, `${port} may not be opened by this user: choose another port`);
    throw error;
  }
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function waitForSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = (signal: string) => {
      log.info({ signal }, 'shutting down');
      for (const name of ['SIGTERM', 'SIGINT']) {
        process.off(name, onSignal);
        process.on(name, () => process.exit(1));
      }
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function greet(
  print: (line: string) => void,
  config: Config,
  server: HttpServer,
  sandbox: Sandbox | undefined,
  demo: Awaited<ReturnType<typeof ensureDemo>> | undefined,
): void {
  const url = `http://localhost:${server.port}`;
  print('');
  print(`  mpac-pgw         ${url}`);
  print(`  health           ${url}/health`);
  if (sandbox) print(`  PayPay sandbox   ${sandbox.url}`);
  if (demo) {
    print('');
    print(`  Demo merchant ${demo.merchantId} with store ${demo.storeId}. Its keys, shown only this once:`);
    print(`    api_key        ${demo.apiKey}`);
    print(`    secret_key     ${demo.secretKey}`);
    print('  Upstream key for /v1/sync/merchants:');
    print(`    api_key        ${demo.syncApiKey}`);
    print(`    secret_key     ${demo.syncSecretKey}`);
  }
  if (sandbox && !config.isProduction) {
    const keys = demo ? ` --api-key ${demo.apiKey} --secret-key ${demo.secretKey}` : '';
    print('');
    print('  A complete first payment (create, confirm, pay, retrieve), signed; paste in another terminal:');
    print(`    npm run --silent pgw -- demo --url ${url}${keys}`);
  }
  print('');
}
