/**
 * Sample requests as curl commands to paste, and sample responses, both from the contract's examples. `$URL`, `$API_KEY`
 * and `sign` are defined in the guide "First payment".
 */
import type {
  Content,
  ContractTree,
  Example,
  Parameter,
  PlacedOperation,
  RequestBody,
  Schema,
} from './contract-tree.ts';

export interface Sample {
  readonly label: string;
  readonly text: string;
  readonly language: 'sh' | 'json' | 'http' | 'text';
}

/** The credential that a security scheme adds to the command. */
interface Credential {
  readonly query?: string;
  readonly header?: string;
}

/** One command for each example of the body, or one command when the operation has no body. */
export function requestSamples(tree: ContractTree, operation: PlacedOperation): Sample[] {
  const bodies = examplesOf(
    tree,
    operation.requestBody && tree.follow<RequestBody>(operation.requestBody).content,
  );
  const all = bodies.length > 0 ? bodies : [{ label: 'Request', value: undefined }];
  return all.map(({ label, value }, index) => ({
    label,
    text: command(tree, operation, value, index),
    language: 'sh',
  }));
}

/** The examples of a request or response body. */
export function contentSamples(tree: ContractTree, content: Content | undefined): Sample[] {
  return examplesOf(tree, content).map(({ label, value }) => ({
    label,
    text: typeof value === 'string' ? value : pretty(value),
    language: typeof value === 'string' ? 'text' : 'json',
  }));
}

function examplesOf(tree: ContractTree, content: Content = {}): { label: string; value: unknown }[] {
  return Object.values(content).flatMap(({ example, examples = {} }) => [
    ...(example === undefined ? [] : [{ label: 'Example', value: example }]),
    ...Object.entries(examples).map(([name, named]) => {
      const { summary = name, value } = tree.follow<Example>(named);
      return { label: summary, value };
    }),
  ]);
}

/** @param index of the example; gives each command its own Idempotency-Key */
function command(tree: ContractTree, operation: PlacedOperation, body: unknown, index: number): string {
  const parameters = (operation.parameters ?? []).map((parameter) => tree.follow<Parameter>(parameter));
  const path = pathWithExamples(tree, operation.path, parameters);
  const credential = credentialFor(tree, operation, path, body !== undefined);
  const query = [
    ...parameters
      .filter(({ in: place, example }) => place === 'query' && example !== undefined)
      // If the body contains the token, the query need not.
      .filter(({ name }) => name !== 'payment_token' || !hasToken(body))
      .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`),
    ...(credential.query === undefined || hasExample(parameters, 'payment_token') ? [] : [credential.query]),
  ].join('&');
  const keys = parameters
    .filter(({ in: place, example }) => place === 'header' && example !== undefined)
    .map(({ name, example }) => `-H '${name}: ${String(example)}${index === 0 ? '' : `-${index + 1}`}'`);
  const address = `$URL${path}${query === '' ? '' : `?${query}`}`;
  const options = [
    `curl -s "${address}"`,
    ...(operation.method === (body === undefined ? 'GET' : 'POST') ? [] : [`-X ${operation.method}`]),
    ...(credential.header === undefined ? [] : [`-H "${credential.header}"`]),
    ...keys,
    ...(body === undefined ? [] : ["-H 'Content-Type: application/json'", `-d "$BODY"`]),
  ];
  const assignment = body === undefined ? '' : `BODY='${pretty(body).replaceAll("'", "'\\''")}'\n`;
  return `${assignment}${options.join(' \\\n  ')}`;
}

function hasToken(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'payment_token' in body;
}

function hasExample(parameters: readonly Parameter[], query: string): boolean {
  return parameters.some(
    ({ in: place, name, example }) => place === 'query' && name === query && example !== undefined,
  );
}

function pathWithExamples(tree: ContractTree, path: string, parameters: readonly Parameter[]): string {
  return path.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const { example, schema = {} } = parameters.find((parameter) => parameter.name === name) ?? {};
    return String(example ?? tree.follow<Schema>(schema).example ?? whole);
  });
}

/** The credential of the first security scheme that the operation accepts. */
function credentialFor(
  tree: ContractTree,
  { security, method }: PlacedOperation,
  path: string,
  hasBody: boolean,
): Credential {
  const [scheme] = Object.keys(security?.[0] ?? {});
  const body = hasBody ? ' "$BODY"' : '';
  switch (scheme) {
    case undefined:
      return {};
    case 'hmac':
      return { header: `Authorization: $(sign ${method} ${path}${body})` };
    case 'paymentToken':
      return method === 'GET' ? { query: 'payment_token=$TOKEN' } : {};
    case 'payPayWebhook':
      return {
        header: `X-PayPay-Signature: $(printf %s "$BODY" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r | cut -d' ' -f1)`,
      };
    default: {
      const found = tree.components.securitySchemes[scheme];
      return { header: `${found?.type === 'apiKey' ? found.name : scheme}: ...` };
    }
  }
}

/** Indented JSON, but with lists of strings or numbers on one line. */
function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /\[\n\s+((?:"[^"\n]*"|[\d.]+)(?:,\n\s+(?:"[^"\n]*"|[\d.]+))*)\n\s+\]/g,
    (_, entries: string) => `[${entries.replaceAll(/\n\s+/g, ' ')}]`,
  );
}
