/**
 * What middleware leave for each other on `ctx.state`, typed in one place.
 */
import type Koa from 'koa';
import type { Logger } from '../log.ts';
import type { Caller } from './caller.ts';

export interface State {
  /** The id of this request, also in its log lines. */
  requestId: string;
  log: Logger;
  /** The bytes of the body, as sent. */
  rawBody: Buffer;
  caller: Caller;
  /** The operation the request was routed to, once it was. */
  operationId?: string;
  errorCode?: string;
}

export type Middleware = Koa.Middleware<State>;
export type AppContext = Koa.ParameterizedContext<State>;
