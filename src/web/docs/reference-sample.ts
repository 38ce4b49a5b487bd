/**
 * A request as a command to paste, made from the contract's examples. `$URL`, `$API_KEY` and `sign` are those of the
 * guide "First payment".
 */
import type { Content, ContractTree, Parameter, PlacedOperation } from './contract-tree.ts';

export interface Sample {
  readonly label: string;
  readonly text: string;
  readonly language: 'sh' | 'json' | 'http' | 'text';
}

/** What a security scheme adds to the command. */
interface Proof {
  readonly query?: string;
  readonly header?: string;
}

/** One command for each example of the body, or one when the operation takes none. */
export function requestSamples(tree: ContractTree, operation: PlacedOperation): Sample[] {
  const bodies = examplesOf(operation.requestBody?.content);
  const all = bodies.length > 0 ? bodies : [{ label: 'Request', value: undefined }];
  return all.map(({ label, value }, index) => ({
    label,
    text: command(tree, operation, value, index),
    language: 'sh',
  }));
}

/** What the examples of a body or an answer look like. */
export function contentSamples(content: Content | undefined): Sample[] {
  return examplesOf(content).map(({ label, value }) => ({
    label,
    text: typeof value === 'string' ? value : pretty(value),
    language: typeof value === 'string' ? 'text' : 'json',
  }));
}

function examplesOf(content: Content = {}): { label: string; value: unknown }[] {
  return Object.values(content).flatMap(({ example, examples = {} }) => [
    ...(example === undefined ? [] : [{ label: 'Example', value: example }]),
    ...Object.entries(examples).map(([name, { summary, value }]) => ({ label: summary ?? name, value })),
  ]);
}

/** @param index of the example: each is a request of its own, so it has an Idempotency-Key of its own */
function command(tree: ContractTree, operation: PlacedOperation, body: unknown, index: number): string {
  const parameters = (operation.parameters ?? []).map((parameter) => tree.follow<Parameter>(parameter));
  const path = pathWithExamples(operation.path, parameters);
  const proof = proofFor(tree, operation, path, body !== undefined);
  const query = [
    ...parameters
      .filter(({ in: place, example }) => place === 'query' && example !== undefined)
      .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`),
    ...(proof.query === undefined || isNamed(parameters, 'payment_token') ? [] : [proof.query]),
  ].join('&');
  const keys = parameters
    .filter(({ in: place, example }) => place === 'header' && example !== undefined)
    .map(({ name, example }) => `-H '${name}: ${String(example)}${index === 0 ? '' : `-${index + 1}`}'`);
  const address = `$URL${path}${query === '' ? '' : `?${query}`}`;
  const options = [
    `curl -s "${address}"`,
    ...(operation.method === (body === undefined ? 'GET' : 'POST') ? [] : [`-X ${operation.method}`]),
    ...(proof.header === undefined ? [] : [`-H "${proof.header}"`]),
    ...keys,
    ...(body === undefined ? [] : ["-H 'Content-Type: application/json'", `-d "$BODY"`]),
  ];
  const assignment = body === undefined ? '' : `BODY='${pretty(body).replaceAll("'", "'\\''")}'\n`;
  return `${assignment}${options.join(' \\\n  ')}`;
}

function isNamed(parameters: readonly Parameter[], query: string): boolean {
  return parameters.some(
    ({ in: place, name, example }) => place === 'query' && name === query && example !== undefined,
  );
}

function pathWithExamples(path: string, parameters: readonly Parameter[]): string {
  return path.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const { example, schema } = parameters.find((parameter) => parameter.name === name) ?? {};
    return String(example ?? schema?.example ?? whole);
  });
}

/** The first way to prove who is calling that the contract names. */
function proofFor(
  tree: ContractTree,
  { security, method }: PlacedOperation,
  path: string,
  hasBody: boolean,
): Proof {
  const [scheme] = Object.keys(security?.[0] ?? {});
  const body = hasBody ? ' "$BODY"' : '';
  switch (scheme) {
    case undefined:
      return {};
    case 'hmac':
      return { header: `Authorization: $(sign ${method} ${path}${body})` };
    case 'paymentToken':
      return method === 'GET' ? { query: `payment_token=${exampleToken(tree)}` } : {};
    case 'payPayWebhook':
      return {
        header: `X-PayPay-Signature: $(printf %s "$BODY" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r | cut -d' ' -f1)`,
      };
    default:
      return { header: `${tree.components.securitySchemes[scheme]?.name ?? scheme}: ...` };
  }
}

function exampleToken(tree: ContractTree): string {
  return String(tree.components.schemas['PaymentToken']?.example ?? '$TOKEN');
}

/** Over several lines, but a list of words or numbers in one. */
function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /\[\n\s+((?:"[^"\n]*"|[\d.]+)(?:,\n\s+(?:"[^"\n]*"|[\d.]+))*)\n\s+\]/g,
    (_, entries: string) => `[${entries.replaceAll(/\n\s+/g, ' ')}]`,
  );
}
