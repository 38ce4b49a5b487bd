/**
 * The jobs and results that are sent between the benchmark and a load process, as plain data.
 */

export interface Key {
  readonly apiKey: string;
  readonly secretKeyHash: string;
}

/** A range of seeded intents. Their ids and tokens are derived from their numbers and need not be sent. */
export interface IntentRange {
  readonly first: number;
  readonly count: number;
}

/** The requests to send. */
export type Plan =
  | { readonly kind: 'get'; readonly path: string }
  | { readonly kind: 'create'; readonly keys: readonly Key[]; readonly withIdempotencyKey: boolean }
  | { readonly kind: 'retrieve'; readonly intents: IntentRange }
  | { readonly kind: 'list'; readonly keys: readonly Key[]; readonly queries: readonly string[] }
  /** A mix of create, retrieve and list. */
  | { readonly kind: 'mix'; readonly keys: readonly Key[]; readonly intents: IntentRange };

interface Bounds {
  /** Concurrent connections, each with one request in flight. */
  readonly connections: number;
  /** The duration of the load. */
  readonly seconds: number;
  /** The maximum number of requests. */
  readonly max?: number;
  /** The rate of arrivals, independent of the responses. Without it, each connection sends as fast as it can. */
  readonly ratePerSecond?: number;
}

export type Job = Bounds &
  (
    | { readonly target: 'http'; readonly port: number; readonly plan: Plan }
    | { readonly target: 'insert'; readonly databaseUrl: string; readonly merchantIds: readonly string[] }
    | {
        readonly target: 'payments';
        readonly gatewayPort: number;
        readonly sandboxPort: number;
        readonly intents: IntentRange;
      }
    | {
        readonly target: 'paypay';
        readonly sandboxPort: number;
        readonly apiKey: string;
        readonly apiSecret: string;
      }
  );

export interface LoadResult {
  readonly done: number;
  /** Requests with an unexpected response. */
  readonly failed: number;
  readonly firstFailure: string | undefined;
  readonly seconds: number;
  /** CPU time of the load process itself. */
  readonly cpuSeconds: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}
