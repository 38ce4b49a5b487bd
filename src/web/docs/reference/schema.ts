/**
 * Renders a schema as a list of properties, each with its type, its rules in words and its description. Nested objects
 * are collapsed below their property.
 */
import { Html, html } from '../../../lib/html.ts';
import { renderInline } from '../markdown.ts';
import { type ContractTree, type Ref, refName, type Schema } from './contract-tree.ts';

/** A schema nested deeper than this is only a link, because schemas may contain themselves. */
const MAX_DEPTH = 4;

/** One line of a list of properties or parameters. */
export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  /** Shown after the type, for example `deprecated`. */
  readonly note?: string;
  readonly description?: string | undefined;
  readonly schema: Schema | Ref;
  readonly example?: unknown;
}

/** The properties of an object or of the items of a list; undefined when there are none. */
export function renderProperties(tree: ContractTree, schema: Schema | Ref, depth = 0): Html | undefined {
  const fields = fieldsOf(tree, objectIn(tree, schema));
  return fields.length === 0 ? undefined : renderFields(tree, fields, depth);
}

export function renderFields(tree: ContractTree, fields: readonly Field[], depth = 0): Html {
  return html`<dl class="fields">
${fields.map((field) => renderField(tree, field, depth))}</dl>
`;
}

/** A type in words, linked to its section if it has one. */
export function renderType(tree: ContractTree, schema: Schema | Ref): Html {
  const resolved = resolve(tree, schema);
  const name = refName(schema);
  if (name !== undefined && isObject(resolved)) {
    return html`<a href="/docs/reference#schema-${name}">${name}</a>`;
  }
  if (resolved.type === 'array') {
    return html`array of ${renderType(tree, resolved.items)}`;
  }
  const variants = resolved.oneOf ?? resolved.anyOf;
  if (variants) {
    const types = variants.map((variant, index) => html`${index > 0 && ' or '}${renderType(tree, variant)}`);
    return html`${types}`;
  }
  const format = resolved.format === undefined || resolved.format === 'int64' ? '' : ` (${resolved.format})`;
  return html`${resolved.type ?? 'any'}${format}${resolved.nullable === true && ' or null'}`;
}

/** A schema with its reference resolved and its `allOf` merged. */
export function resolve(tree: ContractTree, schema: Schema | Ref): Schema {
  const target = tree.follow<Schema>(schema);
  if (!target.allOf) {
    return target;
  }
  const parts = target.allOf.map((part) => resolve(tree, part));
  return {
    ...target,
    type: 'object',
    required: parts.flatMap(({ required = [] }) => required),
    properties: Object.assign({}, ...parts.map(({ properties = {} }) => properties)) as Record<
      string,
      Schema | Ref
    >,
  };
}

function renderField(tree: ContractTree, field: Field, depth: number): Html {
  const { name, isRequired, note, schema } = field;
  const resolved = resolve(tree, schema);
  const description = field.description ?? resolved.description ?? '';
  const rules = rulesOf(tree, resolved, field.example ?? resolved.example);
  return html`<dt><code class="name">${name}</code> <span class="type">${renderType(tree, schema)}${note !== undefined && `, ${note}`}</span> ${
    isRequired && new Html('<span class="required">required</span>')
  }</dt>
<dd>${description !== '' && html`<p>${renderInline(description)}</p>`}${rules.length > 0 && html`<ul class="rules">${rules.map((rule) => html`<li>${rule}</li>`)}</ul>`}${renderChildren(tree, schema, depth)}</dd>
`;
}

function renderChildren(tree: ContractTree, schema: Schema | Ref, depth: number): Html | undefined {
  const children = depth >= MAX_DEPTH ? undefined : renderProperties(tree, schema, depth + 1);
  if (!children) {
    return undefined;
  }
  const isList = resolve(tree, schema).type === 'array';
  return html`<details class="children"><summary>${isList ? 'Properties of each entry' : 'Properties'}</summary>
${children}</details>`;
}

/** The constraints and the example of a schema, a short phrase each. */
function rulesOf(tree: ContractTree, schema: Schema, example: unknown): Html[] {
  const rules: (Html | undefined)[] = [
    enumRule(schema) ?? (schema.type === 'array' ? enumRule(resolve(tree, schema.items)) : undefined),
    rangeRule(schema.minimum, schema.maximum, ''),
    rangeRule(schema.minLength, schema.maxLength, schema.maxLength === 1 ? ' character' : ' characters'),
    rangeRule(schema.minItems, schema.maxItems, schema.maxItems === 1 ? ' entry' : ' entries'),
    schema.uniqueItems === true ? html`unique entries` : undefined,
    schema.pattern === undefined ? undefined : html`matches <code>${schema.pattern}</code>`,
    schema.default === undefined ? undefined : html`default ${value(schema.default)}`,
    example === undefined || schema.enum ? undefined : html`example ${value(example)}`,
  ];
  return rules.filter((rule) => rule !== undefined);
}

function enumRule(schema: Schema): Html | undefined {
  if (!schema.enum) {
    return undefined;
  }
  const [only, ...others] = schema.enum;
  if (others.length === 0) {
    return html`always ${value(only)}`;
  }
  return html`one of ${schema.enum.map((item, index) => html`${index > 0 && ', '}${value(item)}`)}`;
}

function rangeRule(min: number | undefined, max: number | undefined, unit: string): Html | undefined {
  if (min === undefined && max === undefined) {
    return undefined;
  }
  if (max === undefined) {
    return min === 0 ? undefined : html`at least ${format(min ?? 0)}${unit}`;
  }
  if (min === undefined) {
    return html`at most ${format(max)}${unit}`;
  }
  return min === max ? html`${format(max)}${unit}` : html`${format(min)} to ${format(max)}${unit}`;
}

function format(number: number): string {
  return number.toLocaleString('en-US');
}

function value(of: unknown): Html {
  return html`<code>${typeof of === 'string' ? of : JSON.stringify(of)}</code>`;
}

function fieldsOf(tree: ContractTree, schema: Schema | undefined): Field[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    isRequired: schema?.required?.includes(name) ?? false,
    schema: property,
    ...(resolve(tree, property).deprecated === true && { note: 'deprecated' }),
  }));
}

/** The schema itself when it is an object; the schema of the entries when it is a list of objects. */
function objectIn(tree: ContractTree, schema: Schema | Ref): Schema | undefined {
  const resolved = resolve(tree, schema);
  if (isObject(resolved)) {
    return resolved;
  }
  return resolved.type === 'array' ? objectIn(tree, resolved.items) : undefined;
}

function isObject(schema: Schema): boolean {
  return schema.properties !== undefined;
}
