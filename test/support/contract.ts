/**
 * The contract as a judge of answers: status, headers and body of every response in the tests must be declared.
 */
import { readFileSync } from 'node:fs';
import addFormats from 'ajv-formats';
import { type Document, OpenAPIBackend } from 'openapi-backend';
import { parse } from 'yaml';

export const contract = parse(
  readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'),
) as Document;

const judge = new OpenAPIBackend({
  // The server's own instance changes the document it is given; the judge has its own.
  definition: structuredClone(contract),
  strict: true,
  ignoreTrailingSlashes: false,
  ajvOpts: { allErrors: true },
  customizeAjv: (ajv) => {
    addFormats.default(ajv);
    ajv.addFormat('iso-4217', true);
    return ajv;
  },
});
await judge.init();

interface JudgedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** @throws when the response of a described operation is not as described; what is not described must be an Error */
export function requireDeclared(method: string, path: string, response: JudgedResponse): void {
  const { status, headers, body } = response;
  const operation = judge.router.matchOperation({ method, path, headers: {} });
  if (!operation?.operationId) {
    if (typeof (body as { code?: unknown } | undefined)?.code !== 'string') {
      throw new Error(
        `${method} ${path} is not in the contract and answered ${status} without an error body`,
      );
    }
    return;
  }
  const id = operation.operationId;
  if (!(String(status) in (operation.responses ?? {}))) {
    throw new Error(`${id} answered ${status}, which the contract does not declare: ${JSON.stringify(body)}`);
  }
  const faults = judge.validateResponse(body, id, status).errors ?? [];
  const named = Object.fromEntries([...headers].map(([name, value]) => [name, coerce(value)]));
  faults.push(...missingHeaders(operation.responses, status, named));
  if (faults.length > 0) throw new Error(`${id} ${status} breaks the contract: ${JSON.stringify(faults)}`);
}

function missingHeaders(responses: unknown, status: number, headers: Record<string, unknown>) {
  const declared = (responses as Record<string, { headers?: Record<string, { required?: boolean }> }>)[
    String(status)
  ];
  return Object.entries(declared?.headers ?? {})
    .filter(([name, { required }]) => required && headers[name.toLowerCase()] === undefined)
    .map(([name]) => ({
      keyword: 'required',
      message: `header ${name} is missing`,
      instancePath: '',
      schemaPath: '',
      params: {},
    }));
}

function coerce(value: string): unknown {
  return /^\d+$/.test(value) ? Number(value) : value;
}
