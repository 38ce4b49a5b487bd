/**
 * The contract as types: what a handler of each operation receives and may reply. Derived from the generated types, so a
 * missing or extra operation, an undeclared status or a wrong field does not compile.
 */
import type { Readable } from 'node:stream';
import type { components, operations } from '../../../generated/openapi.d.ts';
import type { RawWebhook } from '../../providers/provider.ts';
import type { ServiceDeps } from '../../services/deps.ts';
import type { NewPaymentIntent } from '../../store/new-payment-intents.ts';
import type { Caller, RequestSource } from '../caller.ts';

export type OperationId = keyof operations;

type Json<Content> = Content extends { content: { 'application/json': infer Body } } ? Body : never;
type BodyOf<Operation> = Operation extends { requestBody: infer Required }
  ? Json<Required>
  : Operation extends { requestBody?: infer Optional }
    ? Json<NonNullable<Optional>> | undefined
    : undefined;
type PathOf<Operation> = Operation extends { parameters: { path: infer Path } } ? Path : Record<never, never>;
type QueryOf<Operation> = Operation extends { parameters: { query?: infer Query } }
  ? NonNullable<Query>
  : Record<never, never>;

/** One validated request. */
export interface Call<Id extends OperationId> {
  readonly path: PathOf<operations[Id]>;
  readonly query: QueryOf<operations[Id]>;
  readonly body: BodyOf<operations[Id]>;
  readonly caller: Caller;
  /** As it was sent, for pages with links to other pages of the same payment. */
  readonly paymentToken: string | undefined;
  /** From Accept-Language, most preferred first; `*` when the client states none. */
  readonly languages: readonly string[];
  /** In an idempotent transaction, their database is that transaction. */
  readonly deps: ServiceDeps;
  /** Names the idempotent request, the same in its repetitions; only with a key and for operations with the mode `lease`. */
  readonly idempotencyId: string | undefined;
  /** Whether the client asks for `text/event-stream` instead of JSON. */
  readonly wantsStream: boolean;
  /** The header Last-Event-ID of a client that reconnects to a stream. */
  readonly lastEventId: string | undefined;
  /** Where the request came from, for the history of changes. */
  readonly source: RequestSource;
  /** Adds a number to the access log line of the request. */
  readonly logCount: (name: 'merchants', count: number) => void;
  /** The request as received, for proofs over raw bytes. */
  readonly raw: RawWebhook;
}

/** Bodies that consist of events, which are stored as JSON and sent byte for byte. */
type EventJson = components['schemas']['Event' | 'EventList'];

interface RawContent<Types> {
  readonly type: keyof Types & string;
  readonly content: string | Buffer | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a response declares: JSON by its schema, anything else (a page, a picture, a stream) by its media type. */
type ContentOf<Content> = Content extends { content: infer Types }
  ? Types extends { 'application/json': infer Body }
    ? { readonly body: Body } | (Types extends { 'application/json': EventJson } ? RawContent<Types> : never)
    : RawContent<Types>
  : { readonly body?: undefined };

/** Operations whose only effect is stored together with their reply, and with their Idempotency-Key if there is one. */
export type CreatingOperationId = 'createPaymentIntent';

/** What a handler replies: a declared status with what the contract gives it. */
export type Reply<Id extends OperationId> = {
  [Status in keyof operations[Id]['responses']]: { readonly status: Status } & ContentOf<
    operations[Id]['responses'][Status]
  >;
}[keyof operations[Id]['responses']] &
  (Id extends CreatingOperationId ? { readonly creates: NewPaymentIntent } : unknown);

export type Handler<Id extends OperationId> = (call: Call<Id>) => Promise<Reply<Id>>;

export type Handlers = { readonly [Id in OperationId]: Handler<Id> };
