/**
 * What the steps of a request share.
 */
import type Koa from 'koa';
import type { SignedIn } from '../services/operator-accounts/sessions.ts';

export interface ConsoleState {
  readonly requestId: string;
  /** Undefined if the connection was already closed. */
  readonly clientAddress: string | undefined;
  /** Set by middleware/session.ts. */
  signedIn?: SignedIn;
  /** The route that the request has reached, for the log. */
  route?: string;
}

export type ConsoleMiddleware = Koa.Middleware<ConsoleState>;
export type ConsoleContext = Koa.ParameterizedContext<ConsoleState>;
