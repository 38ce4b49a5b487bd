/**
 * Measures the console with many payments: the search by each kind of id, lists with their sums, the start page, and the CSV of a
 * tenth of all payments with the memory that it takes. The gateway, PayPay's simulator and PostgreSQL are processes of their own.
 *
 *   npm run measure:console -- --payments 10000000 --csv-rows 1000000
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Grant } from '../../src/domain/operators/grants.ts';
import { makeTemporaryFolder } from '../../src/embedded-postgres/temporary-folder.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { addDays } from '../../src/lib/date-time.ts';
import { newId } from '../../src/lib/ids.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { openSession } from '../../src/services/operator-accounts/sessions.ts';
import { connect } from '../../src/store/db/knex.ts';
import { insertOperator } from '../../src/store/operator-accounts/operators.ts';
import { residentBytesOf } from '../bench/measure/cpu.ts';
import { startGateway } from '../bench/programs/gateway.ts';
import { keepOutputIn, stopAllPrograms } from '../bench/programs/program.ts';
import { startSandbox } from '../bench/programs/sandbox.ts';
import { openTemporaryPostgres } from '../temporary-postgres.ts';
import { drawSamples, fillForConsole, readScans, type Sample } from './console/data.ts';

const { values } = parseArgs({
  options: {
    payments: { type: 'string', default: '10000000' },
    'csv-rows': { type: 'string', default: '1000000' },
  },
});
const payments = Number(values.payments);
const csvRows = Math.min(Number(values['csv-rows']), payments);

/** Different values of each kind, so that no page is measured twice. */
const SAMPLES = 120;
/** PostgreSQL reports what it has scanned a second after a connection has become idle. */
const STATISTICS_MS = 1_500;
const MEMORY_POLL_MS = 200;
const DAYS = 365;
const MB = 1024 * 1024;

interface Measured {
  readonly name: string;
  readonly grant: (sample: Sample) => Partial<Grant>;
  readonly path: (sample: Sample) => string;
  /** Of the response: a redirect to the only match, or a page. */
  readonly status?: number;
}

const everywhere = () => ({});
const ofStore = ({ merchantId, storeId }: Sample) => ({ merchantId, storeId });
const ofMerchant = ({ merchantId }: Sample) => ({ merchantId });
const search = (text: string) => `/search?q=${encodeURIComponent(text)}`;

const KINDS: readonly Measured[] = [
  { name: 'search: payment id', grant: everywhere, path: ({ id }) => search(id), status: 303 },
  { name: 'search: attempt id', grant: everywhere, path: ({ attemptId }) => search(attemptId), status: 303 },
  { name: 'search: refund id', grant: everywhere, path: ({ refundId }) => search(refundId), status: 303 },
  { name: "search: PayPay's number", grant: everywhere, path: ({ number }) => search(number), status: 303 },
  {
    name: 'search: order, all merchants',
    grant: everywhere,
    path: ({ reference }) => search(reference),
    status: 303,
  },
  {
    name: 'search: order, own store',
    grant: ofStore,
    path: ({ reference }) => search(reference),
    status: 303,
  },
  {
    name: 'search: amount and day, all',
    grant: everywhere,
    path: ({ amount, day }) => search(`${amount} ${day}`),
  },
  {
    name: 'search: amount and day, own store',
    grant: ofStore,
    path: ({ amount, day }) => search(`${amount} ${day}`),
  },
  { name: 'search: request id', grant: everywhere, path: ({ id }) => search(`req_${id.slice(-20)}`) },
  {
    name: 'search: part of a store name',
    grant: everywhere,
    path: ({ merchantId }) => search(`梅田店 ${merchantId}`),
  },
  { name: 'list: day of a store, with sums', grant: ofStore, path: ({ day }) => `/payments?from=${day}` },
  {
    name: 'list: day of a store by payment, with sums',
    grant: ofStore,
    path: ({ day }) => `/payments?from=${day}&by=paid`,
  },
  {
    name: 'list: day of a merchant, with sums',
    grant: ofMerchant,
    path: ({ day }) => `/payments?from=${day}`,
  },
  {
    name: 'list: paid on a day, all merchants, with sums',
    grant: everywhere,
    path: ({ day }) => `/payments?from=${day}&by=paid`,
  },
  {
    name: 'list: day of all merchants, with sums',
    grant: everywhere,
    path: ({ day }) => `/payments?from=${day}`,
  },
  {
    name: 'list: month of a store, with sums',
    grant: ofStore,
    path: ({ day }) => `/payments?from=${addDays(day, -30)}&to=${day}`,
  },
  {
    name: 'list: older page of all, cancelled',
    grant: everywhere,
    path: ({ id }) => `/payments?status=cancelled&after=${id}`,
  },
  {
    name: 'list: older page of a store, paid',
    grant: ofStore,
    path: ({ id }) => `/payments?status=succeeded&after=${id}`,
  },
  {
    name: 'refunds: failed, all merchants',
    grant: everywhere,
    path: ({ refundId }) => `/refunds?status=failed&after=${refundId}`,
  },
  { name: 'refunds: day of a store', grant: ofStore, path: ({ day }) => `/refunds?from=${day}` },
  { name: 'start page, all merchants', grant: everywhere, path: () => '/' },
  { name: 'start page, own store', grant: ofStore, path: () => '/' },
];

interface Console {
  readonly url: string;
  readonly databaseUrl: string;
  readonly pid: number;
}

const folder = await makeTemporaryFolder();
keepOutputIn(folder);
const postgres = await openTemporaryPostgres();
try {
  const startedAt = performance.now();
  await fillForConsole(postgres.url, payments, print);
  print(`${payments.toLocaleString('en-US')} payments created in ${seconds(startedAt)} s`);
  const port = await findFreePort();
  const sandbox = await startSandbox('sandbox', folder, port);
  const consolePort = await findFreePort();
  const url = `http://localhost:${consolePort}`;
  const gateway = await startGateway({
    name: 'gateway',
    databaseUrl: postgres.url,
    folder,
    sandbox,
    port,
    env: { CONSOLE_PORT: String(consolePort), CONSOLE_URL: url },
  });
  const measured: Console = { url, databaseUrl: postgres.url, pid: gateway.program.pid };
  await measurePages(measured);
  await measureExport(measured);
} finally {
  await stopAllPrograms();
  await postgres.remove();
}

async function measurePages(console: Console): Promise<void> {
  const samples = await drawSamples(console.databaseUrl, SAMPLES);
  await systemClock.sleep(STATISTICS_MS);
  let before = await readScans(console.databaseUrl);
  for (const kind of KINDS) {
    // The first requests open connections and fill caches of the process.
    await timeOf(console, kind, samples[0] as Sample);
    const times: number[] = [];
    for (const sample of samples) {
      times.push(await timeOf(console, kind, sample));
    }
    times.sort((a, b) => a - b);
    const at = (share: number) =>
      (times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(0).padStart(5);
    await systemClock.sleep(STATISTICS_MS);
    const after = await readScans(console.databaseUrl);
    const used = [...after].filter(([name, scans]) => scans - (before.get(name) ?? 0) >= times.length);
    print(
      `${kind.name.padEnd(48)} p50 ${at(0.5)} ms   p95 ${at(0.95)} ms   max ${at(0.999)} ms   n ${times.length}`,
    );
    print(`  ${used.map(([name]) => name).join(', ')}`);
    before = after;
  }
}

/** @throws unless the response has the status of its kind */
async function timeOf(
  console: Console,
  { name, grant, path, status = 200 }: Measured,
  sample: Sample,
): Promise<number> {
  const cookie = await signIn(console, { role: 'finance', ...grant(sample) });
  const startedAt = performance.now();
  const response = await fetch(`${console.url}${path(sample)}`, {
    redirect: 'manual',
    headers: { Cookie: cookie },
  });
  await response.text();
  const time = performance.now() - startedAt;
  const isOnlyMatch = status === 200 && response.status === 303 && name.startsWith('search');
  if (response.status !== status && !isOnlyMatch) {
    throw new Error(`${name}: ${path(sample)} answered ${response.status}`);
  }
  return time;
}

async function measureExport(console: Console): Promise<void> {
  const cookie = await signIn(console, { role: 'finance' });
  const today = new Date(systemClock.now().getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
  const days = Math.min(Math.ceil((csvRows / payments) * DAYS), DAYS);
  const query = days === DAYS ? '' : `from=${addDays(today, -days - 1)}&to=${addDays(today, -1)}`;
  const before = residentBytesOf(console.pid);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentBytesOf(console.pid));
  }, MEMORY_POLL_MS);
  const startedAt = performance.now();
  const response = await fetch(`${console.url}/payments/export?${query}`, { headers: { Cookie: cookie } });
  let [rows, bytes] = [-1, 0];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    rows += (chunk as Uint8Array).reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 0);
  }
  clearInterval(watch);
  print(
    `CSV: ${rows.toLocaleString('en-US')} rows, ${(bytes / MB).toFixed(0)} MB in ${seconds(startedAt)} s; memory of the gateway ` +
      `${(before / MB).toFixed(0)} MB before, ${(peak / MB).toFixed(0)} MB at most`,
  );
}

/** A new operator, because each may send a limited number of requests a minute. @returns the Cookie header */
async function signIn({ databaseUrl }: Console, grant: Partial<Grant>): Promise<string> {
  const db = connect(databaseUrl, { poolMax: 1 });
  const now = systemClock.now();
  const id = newId('op', now);
  const full = {
    role: 'viewer',
    merchantId: undefined,
    storeId: undefined,
    maxRefundAmount: undefined,
    ...grant,
  } as const;
  try {
    await insertOperator(db, {
      id,
      name: id,
      grants: [full],
      isDemo: false,
      createdAt: now,
      disabledAt: undefined,
    });
    const client = { clientAddress: '127.0.0.1', userAgent: 'measurement' };
    return `pgw_op=${await openSession({ wallClock: systemClock }, db, id, 'passkey', client)}`;
  } finally {
    await db.destroy();
  }
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(0);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
