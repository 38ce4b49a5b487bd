/**
 * The console for tests, around the services of a test gateway; and clients that are signed in as operators with given roles.
 */
import { createConsole } from '../../src/console/app.ts';
import type { ConsoleOptions } from '../../src/console/options.ts';
import type { Grant } from '../../src/domain/operators/grants.ts';
import type { Operator } from '../../src/domain/operators/operator.ts';
import type { Role } from '../../src/domain/operators/roles.ts';
import { memoryCounters } from '../../src/http/rate-limits/counters.ts';
import { listen } from '../../src/http/server.ts';
import { newId } from '../../src/lib/ids.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { openSession } from '../../src/services/operator-accounts/sessions.ts';
import { insertOperator } from '../../src/store/operator-accounts/operators.ts';

export interface TestConsole {
  readonly url: string;
  /** A new operator who is signed in. */
  signIn(...grants: readonly (Role | Partial<Grant>)[]): Promise<ConsoleClient>;
  /** Nobody is signed in. */
  readonly stranger: ConsoleClient;
  close(): Promise<void>;
}

export interface ConsoleClient {
  readonly operator: Operator | undefined;
  /** The Cookie header of its session. */
  readonly cookie: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ConsoleResponse>;
  /** Sends a form, as a browser does. */
  post(
    path: string,
    form?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ConsoleResponse>;
}

export interface ConsoleResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where a redirect leads. */
  readonly location: string | null;
}

export async function startTestConsole(
  deps: ServiceDeps,
  options: Partial<Omit<ConsoleOptions, 'url'>> = {},
): Promise<TestConsole> {
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  const app = createConsole({
    ...deps,
    options: { trustedProxies: [], counters: memoryCounters, ...options, url },
  });
  const server = await listen(app, port, '127.0.0.1');
  return {
    url,
    stranger: createClient(url, '', undefined),
    async signIn(...grants) {
      const operator = await newOperator(deps, grants);
      const secret = await openSession(deps, deps.db, operator.id, 'passkey', {
        clientAddress: '127.0.0.1',
        userAgent: 'test',
      });
      return createClient(url, `pgw_op=${secret}`, operator);
    },
    close: () => server.close(),
  };
}

async function newOperator(deps: ServiceDeps, grants: readonly (Role | Partial<Grant>)[]): Promise<Operator> {
  const id = newId('op', deps.wallClock.now());
  const operator: Operator = {
    id,
    name: `Operator ${id.slice(-4)}`,
    grants: grants.map((grant) => ({
      role: 'viewer',
      merchantId: undefined,
      storeId: undefined,
      maxRefundAmount: undefined,
      ...(typeof grant === 'string' ? { role: grant } : grant),
    })),
    isDemo: false,
    createdAt: deps.wallClock.now(),
    disabledAt: undefined,
  };
  await deps.db.transaction((trx) => insertOperator(trx, operator));
  return operator;
}

function createClient(url: string, cookie: string, operator: Operator | undefined): ConsoleClient {
  const send = async (path: string, init: RequestInit): Promise<ConsoleResponse> => {
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: response.headers.get('Location'),
    };
  };
  const common = { Cookie: cookie };
  return {
    operator,
    cookie,
    get: (path, headers) => send(path, { headers: { ...common, ...headers } }),
    post: (path, form = {}, headers) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { ...common, 'Sec-Fetch-Site': 'same-origin', ...headers },
      }),
  };
}
