/**
 * A request as the samples show it, made from the contract's examples.
 */
import type {
  Content,
  ContractTree,
  Example,
  Parameter,
  PlacedOperation,
  RequestBody,
  Response,
  Schema,
} from '../reference/contract-tree.ts';

export interface SampleRequest {
  readonly operationId: string;
  readonly method: string;
  /** Without the query: what is signed. */
  readonly path: string;
  /** The whole address. */
  readonly url: string;
  /** How the request proves where it comes from; `none` also when a payment_token in the URL or the body does. */
  readonly credential: 'signature' | 'payPaySignature' | 'none';
  /** Beside those of the credential and of the body. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The value to send as JSON; undefined for no body. */
  readonly body: unknown;
  /** What comes back: text to print, an image to save, or events to print as they arrive. */
  readonly receives: 'text' | 'image' | 'events';
}

export interface LabelledExample {
  readonly label: string;
  readonly value: unknown;
}

/** One request for each example of the body, or one request when the operation takes none. */
export function requestsOf(
  tree: ContractTree,
  operation: PlacedOperation,
  publicUrl: string,
): { label: string; request: SampleRequest }[] {
  const body = operation.requestBody && tree.follow<RequestBody>(operation.requestBody);
  const examples = examplesOf(tree, body?.content);
  const all = examples.length > 0 ? examples : [{ label: 'Request', value: undefined }];
  return all.map(({ label, value }, index) => ({
    label,
    request: requestFor(tree, operation, publicUrl, value, index),
  }));
}

export function examplesOf(tree: ContractTree, content: Content = {}): LabelledExample[] {
  return Object.values(content).flatMap(({ example, examples = {} }) => [
    ...(example === undefined ? [] : [{ label: 'Example', value: example }]),
    ...Object.entries(examples).map(([name, named]) => {
      const { summary = name, value } = tree.follow<Example>(named);
      return { label: summary, value };
    }),
  ]);
}

/** @param index of the example; gives each request its own Idempotency-Key */
function requestFor(
  tree: ContractTree,
  operation: PlacedOperation,
  publicUrl: string,
  body: unknown,
  index: number,
): SampleRequest {
  const parameters = (operation.parameters ?? []).map((parameter) => tree.follow<Parameter>(parameter));
  const path = pathWithExamples(tree, operation.path, parameters);
  const shown = (place: string) =>
    parameters.filter((parameter) => parameter.in === place && parameter.example !== undefined);
  const query = shown('query')
    // If the body contains the token, the query need not.
    .filter(({ name }) => name !== 'payment_token' || !hasToken(body))
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`)
    .join('&');
  return {
    operationId: operation.operationId,
    method: operation.method,
    path,
    url: `${publicUrl}${path}${query === '' ? '' : `?${query}`}`,
    credential: credentialOf(operation),
    headers: shown('header').map(({ name, example }) => [
      name,
      `${String(example)}${index === 0 ? '' : `-${index + 1}`}`,
    ]),
    body,
    receives: receivedBy(tree, operation),
  };
}

function hasToken(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'payment_token' in body;
}

function pathWithExamples(tree: ContractTree, path: string, parameters: readonly Parameter[]): string {
  return path.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const { example, schema = {} } = parameters.find((parameter) => parameter.name === name) ?? {};
    return String(example ?? tree.follow<Schema>(schema).example ?? whole);
  });
}

/** The first security scheme that the operation accepts. */
function credentialOf({ security }: PlacedOperation): SampleRequest['credential'] {
  const [scheme] = Object.keys(security?.[0] ?? {});
  if (scheme === 'payPayWebhook') {
    return 'payPaySignature';
  }
  return scheme === 'hmac' ? 'signature' : 'none';
}

function receivedBy(tree: ContractTree, { responses = {} }: PlacedOperation): SampleRequest['receives'] {
  const success = responses['200'] && tree.follow<Response>(responses['200']);
  const [type = ''] = Object.keys(success?.content ?? {});
  if (type.startsWith('image/')) {
    return 'image';
  }
  return type === 'text/event-stream' ? 'events' : 'text';
}

/** The name under which a sample saves the image that it receives. */
export function imageFile({ path }: SampleRequest): string {
  return path.split('/').at(-1) ?? 'image';
}
