/**
 * The request pipeline: the Koa chain, one middleware a line, in order. The steps of an operation are in api.ts.
 */
import Koa from 'koa';
import type { Document } from 'openapi-backend';
import { newRequestId } from '../lib/ids.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { createMerchantLimits } from '../services/operator/merchant-limits.ts';
import { securityHandlers } from './admission/security.ts';
import { api } from './api.ts';
import { accessLog, logRefusal } from './middleware/access-log.ts';
import { clientAddress } from './middleware/client-address.ts';
import { cors } from './middleware/cors.ts';
import { docs } from './middleware/docs.ts';
import { draining } from './middleware/draining.ts';
import { errors } from './middleware/errors.ts';
import { requestId } from './middleware/request-id.ts';
import { contractSample } from './middleware/response-sample.ts';
import { route } from './middleware/route.ts';
import { strictHttp } from './middleware/strict-http.ts';
import { unreadBody } from './middleware/unread-body.ts';
import { openBackend } from './openapi/backend.ts';
import { createResponseValidator } from './openapi/response-validator.ts';
import { type CounterFactory, memoryCounters } from './rate-limits/counters.ts';
import { createRateLimits } from './rate-limits/limits.ts';
import type { ServedApp } from './server.ts';
import type { State } from './state.ts';

export interface AppOptions {
  readonly contract: Document;
  /** The source text of the contract. */
  readonly contractText: string;
  /** Where the gateway is reached, for the samples of the documentation; no trailing slash. */
  readonly publicUrl: string;
  /** Where the PayPay sandbox is reached, for the samples of the documentation; undefined if payments are real. */
  readonly sandboxUrl?: string | undefined;
  /** Requests a minute; 0 switches a limit off. */
  readonly limits: { readonly global: number; readonly merchant: number };
  /** IP addresses and CIDR ranges of proxies whose X-Forwarded-For is trusted; none by default. */
  readonly trustedProxies?: readonly string[];
  /** Where requests are counted; this process's memory by default. */
  readonly counters?: CounterFactory;
  /** The share of responses that are validated by the contract, from 0 to 1; none by default. */
  readonly contractSample?: number;
}

export interface App extends ServedApp {
  readonly koa: Koa<State>;
}

export async function createApp(deps: ServiceDeps, options: AppOptions): Promise<App> {
  const { contractSample: share = 0 } = options;
  const { backend, index } = await openBackend(options.contract, Object.keys(securityHandlers));
  const app = new Koa<State>();
  const limits = createRateLimits({
    ...options.limits,
    merchantOverride: await createMerchantLimits(deps),
    counters: options.counters ?? memoryCounters,
    clock: deps.wallClock,
    metrics: deps.metrics,
  });
  app.silent = true;
  app.use(requestId(deps));
  app.use(clientAddress(options.trustedProxies ?? []));
  app.use(accessLog(deps));
  if (share > 0) {
    app.use(contractSample(deps, await createResponseValidator(options.contract), share));
  }
  app.use(draining(deps));
  app.use(unreadBody());
  app.use(errors());
  app.use(strictHttp(limits));
  app.use(route(index));
  app.use(cors(limits));
  app.use(await docs(options, limits));
  app.use(api(deps, limits, backend));
  return {
    koa: app,
    async refuse(refusal, peer) {
      const headers: Record<string, string> = { 'X-Request-Id': newRequestId() };
      logRefusal(deps, refusal, headers['X-Request-Id'], peer);
      await limits.showGlobal({
        setHeader(name, value) {
          headers[name] = value;
        },
      });
      return headers;
    },
  };
}
