/**
 * The API reference: renders the served contract as HTML, once at start. A page for each group of operations, one for the
 * errors, one for the schemas, and an index.
 *
 * Why not a library that renders in the browser: with this contract and this content policy (scripts and styles from this
 * origin only, nothing inline), Redoc 2.5 stops with an error; Scalar 1.46, RapiDoc 9.3 and Elements 9 lose their inline
 * styles and so their layout, or load fonts from other origins; Swagger UI 5.35 works, but needs 1.9 MB of script and style
 * (487 kB compressed), is wider than a phone once an operation is open, and has text of too little contrast. These pages are
 * a fraction of that size, need no script and print well.
 */
import { html } from '../../../lib/html.ts';
import { renderInline } from '../markdown.ts';
import { type ContractTree, type OperationGroup, operationsByTag } from './contract-tree.ts';
import { errorNames, renderErrorsPage } from './errors-page.ts';
import { renderIndex, renderOperationLinks, tagId } from './index-page.ts';
import { renderOperation } from './operation.ts';
import type { ReferenceOptions, ReferencePage } from './page.ts';
import { renderSchemasPage, schemaNames } from './schemas-page.ts';

/** The index first, then a page for each tag, errors and schemas. */
export function renderReference(tree: ContractTree, options: ReferenceOptions): ReferencePage[] {
  return [
    renderIndex(tree, options, { errors: errorNames(tree), schemas: schemaNames(tree) }),
    ...operationsByTag(tree).map((group) => renderGroup(tree, group, options)),
    renderErrorsPage(tree, options),
    renderSchemasPage(tree),
  ];
}

function renderGroup(tree: ContractTree, group: OperationGroup, options: ReferenceOptions): ReferencePage {
  const { name, title, description = '', operations } = group;
  return {
    path: groupPath(name),
    title,
    description,
    content: html`<h1 id="${tagId(name)}">${title}</h1>
<p class="lead">${renderInline(description)}</p>
<ul class="operations contents">
${renderOperationLinks(tree, operations)}</ul>
${operations.map((operation) => renderOperation(tree, operation, options.publicUrl))}`,
    operations,
  };
}

/** For example `/docs/reference/webhook-endpoints`. */
export function groupPath(tag: string): string {
  return `/docs/reference/${tag.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;
}
