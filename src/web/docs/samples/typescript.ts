/**
 * A request in TypeScript, for Node: `fetch` and the function of the guide to signing.
 */
import { indentRest, type Notation, singleQuoted, writeLiteral } from './literals.ts';
import { imageFile, type SampleRequest } from './request.ts';

const NOTATION: Notation = {
  object: ['{', '}'],
  entry: (name, value) => `${/^[A-Za-z_]\w*$/.test(name) ? name : singleQuoted(name)}: ${value}`,
  constants: { true: 'true', false: 'false', null: 'null' },
  emptyObject: '{}',
  string: singleQuoted,
  indent: 2,
};

export function typescriptSample(request: SampleRequest): string {
  const { method, url, credential, body, receives } = request;
  const imports = [
    ...(credential === 'payPaySignature' ? ["import { createHmac } from 'node:crypto';"] : []),
    ...(receives === 'image' ? ["import { writeFile } from 'node:fs/promises';"] : []),
    ...(credential === 'signature' ? ["import { authorization } from './authorization.ts';"] : []),
  ];
  const keys = {
    signature: "const { PGW_API_KEY = '', PGW_SECRET_KEY = '' } = process.env;",
    payPaySignature: "const { WEBHOOK_SECRET = '' } = process.env;",
    none: undefined,
  };
  const lines = [
    keys[credential],
    body === undefined ? undefined : `const body = JSON.stringify(${writeLiteral(body, NOTATION)});`,
    `const response = await fetch(${[singleQuoted(url), ...optionsOf(request, method)].join(', ')});`,
    OUTPUTS[receives](imageFile(request)),
  ];
  return [
    ...(imports.length > 0 ? [...imports, ''] : []),
    ...lines.filter((line) => line !== undefined),
  ].join('\n');
}

const OUTPUTS = {
  text: () => 'console.log(response.status, await response.text());',
  image: (file: string) => `await writeFile('${file}', Buffer.from(await response.arrayBuffer()));`,
  events: () => 'for await (const chunk of response.body ?? []) process.stdout.write(chunk);',
};

function optionsOf(request: SampleRequest, method: string): string[] {
  const headers = headersOf(request);
  const options = [
    ...(method === 'GET' ? [] : [`method: '${method}'`]),
    ...(headers.length > 0 ? [`headers: {\n  ${headers.join(',\n  ')},\n}`] : []),
    ...(request.body === undefined ? [] : ['body']),
  ];
  return options.length === 0 ? [] : [`{\n  ${indentRest(options.join(',\n'), '  ')},\n}`];
}

function headersOf({ credential, method, path, headers, body }: SampleRequest): string[] {
  const signed = `PGW_API_KEY, PGW_SECRET_KEY, '${method}', '${path}'${body === undefined ? '' : ', body'}`;
  return [
    ...(credential === 'signature' ? [`Authorization: authorization(${signed})`] : []),
    ...(credential === 'payPaySignature'
      ? ["'X-PayPay-Signature': createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')"]
      : []),
    ...headers.map(([name, value]) => `'${name}': ${singleQuoted(value)}`),
    ...(body === undefined ? [] : ["'Content-Type': 'application/json'"]),
  ];
}
