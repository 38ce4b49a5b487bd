/**
 * The objects of the API reference, each with its properties.
 */
import { type Html, html } from '../../../lib/html.ts';
import { renderInline } from '../markdown.ts';
import type { ContractTree, Ref, Schema } from './contract-tree.ts';
import type { ReferencePage } from './page.ts';
import { renderProperties, resolve } from './schema.ts';

export function renderSchemasPage(tree: ContractTree): ReferencePage {
  const names = schemaNames(tree);
  return {
    path: '/docs/reference/schemas',
    title: 'Schemas',
    description: 'Every object of the API, with its properties.',
    content: html`<h1 id="schemas">Schemas</h1>
<p class="lead">Each opens when you select it, or when you follow a link to it.</p>
${names.map((name) => renderSchema(tree, name, tree.components.schemas[name] ?? {}))}`,
    operations: [],
  };
}

/** The names of the objects, in the order of the contract. */
export function schemaNames(tree: ContractTree): string[] {
  return Object.entries(tree.components.schemas)
    .filter(([, schema]) => resolve(tree, schema).properties !== undefined)
    .map(([name]) => name);
}

function renderSchema(tree: ContractTree, name: string, schema: Schema | Ref): Html {
  const { additionalProperties, description = '' } = resolve(tree, schema);
  const isClosed = additionalProperties === false;
  return html`<details class="schema"><summary><h2 id="schema-${name}">${name}</h2> <span>${renderInline(description)}${isClosed && ' Unknown properties are rejected.'}</span></summary>
${renderProperties(tree, schema)}</details>
`;
}
