/**
 * What middleware leave for each other on `ctx.state`, typed in one place. What every request passes through reads
 * `ctx.request` and writes `ctx.response`: Koa's shortcuts to them, such as `ctx.body`, look properties up by a name that
 * varies, at a microsecond a request.
 */
import type Koa from 'koa';
import type { Logger } from '../lib/log.ts';
import type { Caller } from './caller.ts';

const NOTHING = Buffer.alloc(0);
const ANYONE: Caller = { kind: 'anyone' };

export class State {
  /** The id of this request, also in its log lines. */
  readonly requestId: string;
  /** The bytes of the body, as sent. */
  rawBody: Buffer = NOTHING;
  caller: Caller = ANYONE;
  /** The operation the request was routed to, once it was. */
  operationId: string | undefined = undefined;
  errorCode: string | undefined = undefined;
  /** The answer is a page for people, or the contract itself: no operation, so the contract has nothing to say of it. */
  isPage = false;
  readonly #log: Logger;

  constructor(log: Logger, requestId: string) {
    this.#log = log;
    this.requestId = requestId;
  }

  /** A log of this request's own; made for those requests that have more to tell than their access line. */
  get log(): Logger {
    return this.#log.child({ requestId: this.requestId });
  }
}

export type Middleware = Koa.Middleware<State>;
export type AppContext = Koa.ParameterizedContext<State>;
