/**
 * What a load process is asked to do and what it answers: plain data, sent between processes.
 */

export interface Key {
  readonly apiKey: string;
  readonly secretKeyHash: string;
}

/** An intent of the seed and its token are made from its number, so that no process has to be told them. */
export interface IntentRange {
  readonly first: number;
  readonly count: number;
}

/** Which requests are sent. */
export type Plan =
  | { readonly kind: 'get'; readonly path: string }
  | { readonly kind: 'create'; readonly keys: readonly Key[]; readonly withIdempotencyKey: boolean }
  | { readonly kind: 'retrieve'; readonly intents: IntentRange }
  | { readonly kind: 'list'; readonly keys: readonly Key[]; readonly queries: readonly string[] }
  /** Create, retrieve and list as shops do it, most of it with Idempotency-Key. */
  | { readonly kind: 'mix'; readonly keys: readonly Key[]; readonly intents: IntentRange };

interface Bounds {
  /** How many are in flight at once, each on a connection of its own. */
  readonly connections: number;
  /** Ends after this long. */
  readonly seconds: number;
  /** Ends after this many, if that is earlier. */
  readonly max?: number;
  /** Begins this many a second, whatever the answers do; without it, each connection sends as soon as it may. */
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
  /** Answers that are not what was asked for; a run with many measures nothing. */
  readonly failed: number;
  readonly firstFailure: string | undefined;
  readonly seconds: number;
  /** Of the load process itself. */
  readonly cpuSeconds: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}
