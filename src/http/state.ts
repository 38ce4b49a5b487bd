/**
 * What middleware share on `ctx.state`, typed in one place. Code on the path of every request reads `ctx.request` and
 * writes `ctx.response`: Koa's shortcuts to them, such as `ctx.body`, look properties up by a computed name, which costs
 * a microsecond a request.
 */
import type Koa from 'koa';
import type { Operation } from 'openapi-backend';
import type { Logger } from '../lib/log.ts';
import type { Caller } from './caller.ts';
import { NO_OPERATION, type OperationPolicy } from './operations.ts';
import { type ParsedBody, parseBody } from './parsed-body.ts';

const NO_BYTES = Buffer.alloc(0);
const NO_BODY: ParsedBody = { kind: 'none' };
const ANYONE: Caller = { kind: 'anyone' };

export class State {
  /** The id of this request, also in its log lines. */
  readonly requestId: string;
  /** The bytes of the body, as sent. */
  rawBody: Buffer = NO_BYTES;
  /** Set by middleware/client-address.ts; undefined if the connection was already closed. */
  clientAddress: string | undefined = undefined;
  caller: Caller = ANYONE;
  /** The operation of the request; undefined when the contract has none for its path and method. */
  operation: Operation | undefined = undefined;
  policy: OperationPolicy = NO_OPERATION;
  /** Whether the contract has the path, with this method or another. */
  isKnownPath = false;
  /** The path as the contract writes it, such as `/v1/payment_intents/{id}`; undefined when it has no such path. */
  route: string | undefined = undefined;
  /** The methods that the path has, for the Allow header of a refusal; empty when the contract has no such path. */
  methods: readonly string[] = [];
  errorCode: string | undefined = undefined;
  /** Why the request was refused, such as `details.reason` or the constraint. Always one of the gateway's words. */
  errorReason: string | undefined = undefined;
  /** Numbers to add to the access log line of the request. */
  counts: Readonly<Record<string, number>> | undefined = undefined;
  /** The contract does not describe the response: documentation, the contract itself, or a refusal of ambiguous HTTP. */
  isOutsideContract = false;
  /** Gives back what a large body takes of the budget for bodies; undefined where it takes nothing. */
  releaseBody: (() => void) | undefined = undefined;
  #parsedBody: ParsedBody | undefined = undefined;
  readonly #log: Logger;

  constructor(log: Logger, requestId: string) {
    this.#log = log;
    this.requestId = requestId;
  }

  get operationId(): string | undefined {
    return this.operation?.operationId;
  }

  /**
   * Parsed on first use; for a signed request that is after its signature was checked. A body that the operation does not
   * take, such as that of a GET, is ignored, as HTTP recommends.
   */
  get parsedBody(): ParsedBody {
    this.#parsedBody ??= this.operation?.requestBody === undefined ? NO_BODY : parseBody(this.rawBody);
    return this.#parsedBody;
  }

  /** Forgets the body once nothing needs it. The rest of this object lives until the client has received the response. */
  dropBody(): void {
    this.rawBody = NO_BYTES;
    this.#parsedBody = NO_BODY;
    this.releaseBody?.();
  }

  /** A log that names this request; created only for requests that log more than their access line. */
  get log(): Logger {
    return this.#log.child({ requestId: this.requestId });
  }
}

export type Middleware = Koa.Middleware<State>;
export type AppContext = Koa.ParameterizedContext<State>;
