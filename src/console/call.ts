/**
 * What a handler of the console receives and returns. Both depend on the rule of its route: only behind a permission is there an
 * operator, and only within `shops` a scope.
 */
import type { Readable } from 'node:stream';
import type { Actor } from '../domain/audit/act.ts';
import type { OperatorScope } from '../domain/operators/grants.ts';
import type { Html } from '../lib/html.ts';
import type { ServiceDeps } from '../services/deps.ts';
import type { SignedIn } from '../services/operator-accounts/sessions.ts';
import type { Language } from '../web/console/texts/language.ts';
import type { ConsoleOptions } from './options.ts';
import type { PathParameters, ROUTES, RouteId } from './routes.ts';

/** Of every request. */
interface AnyCall<Id extends RouteId> {
  readonly params: PathParameters<Id>;
  readonly query: URLSearchParams;
  /** Of a POST with a form; empty otherwise. */
  readonly form: URLSearchParams;
  /** Of a POST with JSON; undefined otherwise. */
  readonly json: unknown;
  readonly language: Language;
  /** Path and query, to come back to. */
  readonly target: string;
  readonly requestId: string;
  readonly clientAddress: string | undefined;
  readonly userAgent: string | undefined;
  /** The value of a cookie of the request. */
  cookie(name: string): string | undefined;
}

/** Who makes the call, as the audit log names them. */
interface SignedInCall {
  readonly signedIn: SignedIn;
  readonly actor: Actor;
}

/** Where the operator has the permission of the route. */
interface ScopedCall {
  readonly scope: OperatorScope;
}

type RuleOf<Id extends RouteId> = (typeof ROUTES)[Id]['rule'];

export type Call<Id extends RouteId> = AnyCall<Id> &
  (RuleOf<Id>['kind'] extends 'anyone' ? { readonly signedIn: SignedIn | undefined } : SignedInCall) &
  (RuleOf<Id> extends { readonly kind: 'permission' } ? ScopedCall : unknown);

export interface CookieToSet {
  readonly name: string;
  /** Undefined removes it. */
  readonly value: string | undefined;
  /** Lax is sent with a navigation from another site, such as that of an identity provider. */
  readonly sameSite: 'strict' | 'lax';
  readonly maxAgeSeconds?: number;
}

export type Answer = (
  | {
      readonly kind: 'page';
      readonly status?: number;
      readonly page: PageContent;
      /** Where the browser goes from the page at once. */
      readonly refreshTo?: string;
    }
  /** After an act: a path of the console. */
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'json'; readonly status?: number; readonly json: unknown }
  | {
      readonly kind: 'file';
      readonly type: string;
      readonly content: string | Buffer | Readable;
      /** A download; otherwise part of a page, which may be cached for ever because its name has its hash. */
      readonly fileName?: string;
    }
) & { readonly cookies?: readonly CookieToSet[] };

/** What a page has of its own; the layout adds the rest. */
export interface PageContent {
  readonly title: string;
  readonly main: Html;
  /** Of another width than most pages: `narrow` for signing in. */
  readonly width?: 'narrow' | 'wide';
}

export interface ConsoleDeps extends ServiceDeps {
  readonly options: ConsoleOptions;
}

export type Handler<Id extends RouteId> = (deps: ConsoleDeps, call: Call<Id>) => Answer | Promise<Answer>;

export type Handlers = { readonly [Id in RouteId]: Handler<Id> };
