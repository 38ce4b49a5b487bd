/**
 * The errors of the API reference: a table of all codes with their status, and each error response of the contract.
 */
import type { ErrorCode } from '../../../domain/errors.ts';
import { type Html, html } from '../../../lib/html.ts';
import { renderHeading, renderMarkdown } from '../markdown.ts';
import { contentSamples } from '../samples/samples.ts';
import { type ContractTree, type Example, type Response, refName } from './contract-tree.ts';
import { renderSamples } from './operation.ts';
import type { ReferenceOptions, ReferencePage } from './page.ts';
import { resolve } from './schema.ts';

export function renderErrorsPage(tree: ContractTree, options: ReferenceOptions): ReferencePage {
  return {
    path: '/docs/reference/errors',
    title: 'Errors',
    description: 'Every error code with its status, and what the details of each say.',
    content: html`<h1 id="errors">Errors</h1>
<p>Every error has the form <code>{ "code", "message", "details" }</code>. Your program should decide by <code>code</code>; the guide <a href="/docs/errors">Errors</a> explains what to do about each.</p>
${renderCodes(tree, options)}
${errorResponses(tree).map(([name, response]) => renderError(tree, options, name, response))}`,
    operations: [],
  };
}

/** The names of the error responses, in the order of the contract. */
export function errorNames(tree: ContractTree): string[] {
  return errorResponses(tree).map(([name]) => name);
}

function renderCodes(tree: ContractTree, { statusOf }: ReferenceOptions): Html {
  const error = resolve(tree, tree.components.schemas['ErrorBody'] ?? {});
  const codes = (resolve(tree, error.properties?.['code'] ?? {}).enum ?? []) as ErrorCode[];
  const named = errorResponses(tree);
  return html`<div class="scroll" tabindex="0"><table><thead><tr><th>Code</th><th>Status</th><th>Details</th></tr></thead>
<tbody>${codes.map(
    (code) => html`<tr><td><code>${code}</code></td><td>${statusOf(code)}</td><td>${named
      .filter(([, response]) => codesOf(tree, response).includes(code))
      .map(([name]) => html`<a href="/docs/reference#error-${name}">${name}</a> `)}</td></tr>
`,
  )}</tbody></table></div>
`;
}

function renderError(
  tree: ContractTree,
  { statusOf }: ReferenceOptions,
  name: string,
  response: Response,
): Html {
  const codes = codesOf(tree, response);
  return html`<article class="operation" aria-labelledby="error-${name}">
<div class="about">${renderHeading(2, `error-${name}`, name)}
<p>${codes.map((code) => html`<span class="status">${statusOf(code)}</span> <code>${code}</code> `)}</p>
${renderMarkdown(response.description).content}</div>
<div class="samples">${renderSamples('Example', contentSamples(tree, response.content))}</div>
</article>
`;
}

function errorResponses(tree: ContractTree): [string, Response][] {
  return Object.entries(tree.components.responses).filter(([, response]) => isError(response));
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
