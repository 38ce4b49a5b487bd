/**
 * The API reference: renders the served contract as one HTML page, once at start.
 *
 * Why not a library that renders in the browser: with this contract and this content policy (scripts and styles from this
 * origin only, nothing inline), Redoc 2.5 stops with an error; Scalar 1.46, RapiDoc 9.3 and Elements 9 lose their inline
 * styles and so their layout, or load fonts from other origins; Swagger UI 5.35 works, but needs 1.9 MB of script and style
 * (487 kB compressed), is wider than a phone once an operation is open, and has text of too little contrast. This page is a
 * fraction of that size, needs no script, prints well, and the browser's search finds everything in it.
 */
import type { ErrorCode } from '../../domain/errors.ts';
import { type Html, html } from '../../lib/html.ts';
import {
  type ContractTree,
  type Example,
  type Header,
  listOperations,
  operationsByTag,
  type Ref,
  type Response,
  refName,
  type Schema,
} from './contract-tree.ts';
import { renderHeading, renderInline, renderMarkdown } from './markdown.ts';
import { headerId, renderOperation, renderSamples, schemeName } from './reference-operation.ts';
import { contentSamples } from './reference-sample.ts';
import { renderFields, renderProperties, resolve } from './reference-schema.ts';

export interface ReferenceOptions {
  /** Requests per minute; 0 when there is no limit. */
  readonly limits: { readonly global: number; readonly merchant: number };
  /** The HTTP status of an error code. */
  readonly statusOf: (code: ErrorCode) => number;
  /** The gateway's public base URL. */
  readonly publicUrl: string;
}

export function renderReference(tree: ContractTree, options: ReferenceOptions): Html {
  return html`${renderIntroduction(tree, options)}
${renderAuthentication(tree)}
${operationsByTag(tree).map(
  ({ name, description = '', operations }) => html`<section>
${renderHeading(2, tagId(name), name)}
<p class="lead">${renderInline(description)}</p>
${operations.map((operation) => renderOperation(tree, operation))}</section>
`,
)}
${renderLimits(options)}
${renderHeaders(tree)}
${renderErrors(tree, options)}
${renderSchemas(tree)}`;
}

export function tagId(name: string): string {
  return `tag-${name.toLowerCase()}`;
}

function renderIntroduction({ info }: ContractTree, { publicUrl }: ReferenceOptions): Html {
  return html`<header class="intro">
<h1>API reference</h1>
${renderMarkdown(info.description ?? '').content}
<dl class="facts">
<dt>Base URL</dt><dd><code>${publicUrl}</code></dd>
<dt>Version</dt><dd>${info.version}</dd>
<dt>OpenAPI document</dt><dd><a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a>, for generating a client; <a href="/openapi-3.1.yaml">openapi-3.1.yaml</a>, the same as OpenAPI 3.1, with the events under <code>webhooks</code></dd>
<dt>Samples</dt><dd>use <code>$URL</code>, <code>$API_KEY</code> and <code>sign</code> from the guide <a href="/docs/first-payment">First payment</a></dd>
</dl>
</header>
`;
}

function renderAuthentication({ components }: ContractTree): Html {
  return html`<section>
${renderHeading(2, 'authentication', 'Authentication')}
${Object.entries(components.securitySchemes).map(
  ([scheme, { description = '' }]) => html`${renderHeading(3, `auth-${scheme}`, schemeName(scheme))}
${renderMarkdown(description).content}`,
)}
</section>
`;
}

function renderLimits({ limits }: ReferenceOptions): Html {
  const words = (limit: number) =>
    limit === 0 ? 'no limit' : `${limit.toLocaleString('en-US')} requests per minute`;
  return html`<section>
${renderHeading(2, 'rate-limits', 'Rate limits')}
<p>Requests are counted in windows of one minute. The limit per merchant applies to merchants that have no limit of their
own. Requests with a payment_token are counted separately from the merchant's signed requests: 120 per minute for one
PaymentIntent, and for all payers of a merchant together as many as its limit. Requests without a valid credential may use up to a fifth of the global limit. The
headers of every response show the limit with the fewest requests left. Requests beyond the limit are rejected with <a href="#error-RateLimitExceeded">429</a> and
<code>Retry-After</code>.</p>
<dl class="facts"><dt>Per merchant</dt><dd>${words(limits.merchant)}</dd><dt>Global</dt><dd>${words(limits.global)}</dd></dl>
</section>
`;
}

function renderHeaders(tree: ContractTree): Html {
  const responses = allResponses(tree);
  const found = new Map<string, { header: Header; uses: number }>();
  for (const { headers = {} } of responses) {
    for (const [name, header] of Object.entries(headers)) {
      const known = found.get(name) ?? { header: tree.follow<Header>(header), uses: 0 };
      found.set(name, { ...known, uses: known.uses + 1 });
    }
  }
  const fields = [...found].map(([name, { header, uses }]) => ({
    name,
    isRequired: false,
    note: uses === responses.length ? 'on every response' : 'where applicable',
    description: header.description,
    schema: header.schema ?? {},
  }));
  return html`<section>
${renderHeading(2, 'headers', 'Response headers')}
${fields.map((field) => html`<div id="${headerId(field.name)}">${renderFields(tree, [field])}</div>`)}
</section>
`;
}

function allResponses(tree: ContractTree): Response[] {
  return listOperations(tree)
    .flatMap(({ responses }) => Object.values(responses))
    .map((response) => tree.follow<Response>(response));
}

function renderErrors(tree: ContractTree, { statusOf }: ReferenceOptions): Html {
  const error = resolve(tree, tree.components.schemas['ErrorBody'] ?? {});
  const code = error.properties?.['code'] ?? {};
  const codes = (resolve(tree, code).enum ?? []) as ErrorCode[];
  const named = Object.entries(tree.components.responses).filter(([, response]) => isError(response));
  return html`<section>
${renderHeading(2, 'errors', 'Errors')}
<p>Every error has the form <code>{ "code", "message", "details" }</code>. Your program should decide by <code>code</code>; the guide <a href="/docs/errors">Errors</a> explains what to do about each.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>Code</th><th>Status</th><th>Details</th></tr></thead>
<tbody>${codes.map(
    (code) => html`<tr><td><code>${code}</code></td><td>${statusOf(code)}</td><td>${named
      .filter(([, response]) => codesOf(tree, response).includes(code))
      .map(([name]) => html`<a href="#error-${name}">${name}</a> `)}</td></tr>
`,
  )}</tbody></table></div>
${named.map(
  ([name, response]) => html`<article class="operation" aria-labelledby="error-${name}">
<div class="about">${renderHeading(3, `error-${name}`, name)}
<p>${codesOf(tree, response).map((code) => html`<span class="status">${statusOf(code)}</span> <code>${code}</code> `)}</p>
${renderMarkdown(response.description).content}</div>
<div class="samples">${renderSamples('Example', contentSamples(tree, response.content))}</div>
</article>
`,
)}
</section>
`;
}

function isError({ content = {} }: Response): boolean {
  return Object.values(content).some(({ schema }) =>
    /^(ErrorBody|\w+Error)$/.test(refName(schema ?? {}) ?? ''),
  );
}

/** The codes in the examples of an error response. */
function codesOf(tree: ContractTree, { content = {} }: Response): ErrorCode[] {
  const codes = Object.values(content)
    .flatMap(({ examples = {} }) => Object.values(examples))
    .map((example) => (tree.follow<Example>(example).value as { code?: ErrorCode } | undefined)?.code);
  return [...new Set(codes)].filter((code) => code !== undefined);
}

function renderSchemas(tree: ContractTree): Html {
  const objects = Object.entries(tree.components.schemas).filter(
    ([, schema]) => resolve(tree, schema).properties !== undefined,
  );
  return html`<section>
${renderHeading(2, 'schemas', 'Schemas')}
${objects.map(([name, schema]) => renderSchema(tree, name, schema))}
</section>
`;
}

function renderSchema(tree: ContractTree, name: string, schema: Schema | Ref): Html {
  const { additionalProperties, description = '' } = resolve(tree, schema);
  const isClosed = additionalProperties === false;
  return html`${renderHeading(3, `schema-${name}`, name)}
<p>${renderInline(description)}${isClosed && ' Unknown properties are rejected.'}</p>
${renderProperties(tree, schema)}`;
}
