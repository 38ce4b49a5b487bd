/**
 * The first page of the API reference: base URL, authentication, rate limits, response headers, and links to everything on
 * the other pages. Each link has the id that its section had when the reference was a single page, so that links to there
 * lead to a link, and with the script to the section itself.
 */
import { type Html, html } from '../../../lib/html.ts';
import { renderHeading, renderInline, renderMarkdown } from '../markdown.ts';
import {
  type ContractTree,
  type Header,
  listCallbacks,
  listOperations,
  operationsByTag,
  type PlacedOperation,
  type Response,
} from './contract-tree.ts';
import { headerId, renderMethod, schemeName } from './operation.ts';
import type { ReferenceOptions, ReferencePage } from './page.ts';
import { renderFields } from './schema.ts';

/** @param pages the other pages, which this one links to */
export function renderIndex(
  tree: ContractTree,
  options: ReferenceOptions,
  pages: { readonly errors: readonly string[]; readonly schemas: readonly string[] },
): ReferencePage {
  return {
    path: '/docs/reference',
    title: 'API reference',
    description: 'Every operation, schema and error of the API.',
    content: html`${renderIntroduction(tree, options)}
${renderOperations(tree)}
${renderAuthentication(tree)}
${renderLimits(options)}
${renderHeaders(tree)}
${renderList('errors', 'Errors', 'error-', pages.errors)}
${renderList('schemas', 'Schemas', 'schema-', pages.schemas)}`,
    operations: [],
  };
}

function renderIntroduction({ info }: ContractTree, { publicUrl }: ReferenceOptions): Html {
  return html`<header class="intro">
<h1>API reference</h1>
${renderMarkdown(info.description ?? '').content}
<dl class="facts">
<dt>Base URL</dt><dd><code>${publicUrl}</code></dd>
<dt>Version</dt><dd>${info.version}</dd>
<dt>OpenAPI document</dt><dd><a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a>, for generating a client; <a href="/openapi-3.1.yaml">openapi-3.1.yaml</a>, the same as OpenAPI 3.1, with the events under <code>webhooks</code></dd>
<dt>Samples</dt><dd>run as they are, with the function <code>authorization</code> of the guide <a href="/docs/signing">Sign requests</a> in a file beside them (<code>authorization.ts</code>, <code>authorization.py</code>, <code>authorization.php</code>, <code>PgwSignature.java</code>, in Go a package <code>pgw</code>), and your keys in the environment variables <code>PGW_API_KEY</code> and <code>PGW_SECRET_KEY</code> (in the shell: paste the function first). Those in Python use <code>requests</code>; the others need only the language's standard library</dd>
</dl>
</header>
`;
}

function renderOperations(tree: ContractTree): Html {
  return html`<section>
${renderHeading(2, 'operations', 'Operations')}
${operationsByTag(tree).map(
  ({
    name,
    title,
    description = '',
    operations,
  }) => html`<h3 id="${tagId(name)}"><a href="/docs/reference#${tagId(name)}">${title}</a></h3>
<p class="lead">${renderInline(description)}</p>
<ul class="operations">
${renderOperationLinks(tree, operations, 'withIds')}</ul>
`,
)}</section>
`;
}

/** A list item for each operation and for each request that it makes the gateway send. */
export function renderOperationLinks(
  tree: ContractTree,
  operations: readonly PlacedOperation[],
  ids: 'withIds' | 'withoutIds' = 'withoutIds',
): Html[] {
  return operations
    .flatMap((operation) => [operation, ...listCallbacks(tree, operation)])
    .map(
      ({ operationId, summary = operationId, method, path }) =>
        html`<li${ids === 'withIds' && html` id="${operationId}"`}>${renderMethod(method)} <a href="/docs/reference#${operationId}">${summary}</a>${path.startsWith('/') && html` <code>${path}</code>`}</li>
`,
    );
}

/** The id of the section of a tag. */
export function tagId(name: string): string {
  return `tag-${name.toLowerCase()}`;
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
headers of every response show the limit with the fewest requests left. Requests beyond the limit are rejected with <a href="/docs/reference#error-RateLimitExceeded">429</a> and
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

/** Links to the sections of another page, which has the id itself on its title. */
function renderList(id: string, title: string, prefix: string, names: readonly string[]): Html {
  return html`<section>
<h2 id="${id}"><a href="/docs/reference#${id}">${title}</a></h2>
<ul class="names">
${names.map(
  (name) => html`<li id="${prefix}${name}"><a href="/docs/reference#${prefix}${name}">${name}</a></li>
`,
)}</ul>
</section>
`;
}
