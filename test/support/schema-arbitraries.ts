/**
 * Generates values from the contract's schemas: those that a schema allows, and those that break exactly one of its rules.
 * An unknown keyword is an error, so that none is ignored.
 */
import fc from 'fast-check';
import { contract } from './contract.ts';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
}

/** A value with the one rule of the schema that it breaks. */
export interface Broken {
  readonly value: unknown;
  readonly rule: string;
}

const KNOWN = new Set([
  ...[
    '$ref',
    'type',
    'format',
    'enum',
    'pattern',
    'minimum',
    'maximum',
    'minLength',
    'maxLength',
    'minItems',
  ],
  ...[
    'maxItems',
    'uniqueItems',
    'items',
    'required',
    'properties',
    'additionalProperties',
    'default',
    'example',
  ],
  ...['description', 'title', 'nullable'],
]);
/** Bounds above this are not exceeded, because such a request would be refused for its size alone. */
const LARGEST = 2_000;
const FORMATS: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  'date-time': () =>
    fc
      .date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  'iso-4217': () => fc.constantFrom('JPY', 'USD', 'KWD'),
  'time-zone': () => fc.constantFrom('Asia/Tokyo', 'UTC', 'America/Argentina/Buenos_Aires'),
};

/** Follows a reference. @throws for a schema without generable values */
export function resolve(schema: Schema): Schema {
  const { $ref } = schema;
  if ($ref === undefined) {
    const unknown = Object.keys(schema).filter((keyword) => !KNOWN.has(keyword) && !keyword.startsWith('x-'));
    if (unknown.length > 0) {
      throw new Error(`no values are known for ${unknown}`);
    }
    return schema;
  }
  const place = $ref.split('/').slice(1);
  const found = place.reduce<unknown>((tree, name) => (tree as Record<string, unknown>)[name], contract);
  return resolve(found as Schema);
}

/** Values that the schema allows. */
export function validOf(reference: Schema): fc.Arbitrary<unknown> {
  const schema = resolve(reference);
  switch (schema.type) {
    case 'object':
      return validObject(schema);
    case 'array':
      return fc.uniqueArray(validOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
        selector: (item) => JSON.stringify(item),
      });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return validString(schema);
    default:
      throw new Error(`no values are known for the type ${schema.type}`);
  }
}

function validObject({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const values = Object.entries(properties).map(([name, inner]) => [name, validOf(inner)] as const);
  return fc.record(Object.fromEntries(values), { requiredKeys: [...required], noNullPrototype: true });
}

function validString(schema: Schema): fc.Arbitrary<string> {
  if (schema.enum) {
    return fc.constantFrom(...schema.enum);
  }
  const byFormat = FORMATS[schema.format ?? ''];
  if (byFormat) {
    return byFormat();
  }
  const { minLength = 0, maxLength = 64 } = schema;
  const bounds = { minLength, maxLength: Math.min(maxLength, 64) };
  const pattern = schema.pattern === undefined ? undefined : new RegExp(schema.pattern, 'u');
  const anything = fc.string({ unit: 'grapheme', ...bounds }).filter((text) => [...text].length <= maxLength);
  if (!pattern) {
    return anything;
  }
  const byPattern = fc.stringMatching(pattern).map((text) => text.slice(0, bounds.maxLength));
  return fc.oneof(anything, byPattern).filter((text) => text.length >= minLength && pattern.test(text));
}

/** Values that break one rule of the schema or of a nested one. */
export function brokenOf(reference: Schema): fc.Arbitrary<Broken> {
  const schema = resolve(reference);
  const faults = [
    ...wrongType(schema),
    ...wrongString(schema),
    ...wrongNumber(schema),
    ...wrongArray(schema),
  ];
  return fc.oneof(...faults, ...wrongObject(schema));
}

/** The same for text in a query, where a type is wrong only if the text cannot be read as the right one. */
export function brokenTextsOf(reference: Schema): fc.Arbitrary<Broken>[] {
  const schema = resolve(reference);
  const unreadable = schema.type === 'integer' ? [broken('type', fc.constantFrom('some', '1.5', '{}'))] : [];
  return [...unreadable, ...wrongString(schema), ...wrongNumber(schema)];
}

function broken(rule: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<Broken> {
  return values.map((value) => ({ rule, value }));
}

function wrongType({ type }: Schema): fc.Arbitrary<Broken>[] {
  const others: Readonly<Record<string, readonly unknown[]>> = {
    object: [[], 'text', 1, true, null],
    array: [{}, 'text', 1, true, null],
    integer: [{}, [], 'text', '7', true, null, 1.5, 1e300],
    boolean: [{}, [], 'text', 'true', 1, null],
    string: [{}, [], 1, true, null],
  };
  return [broken('type', fc.constantFrom(...(others[type ?? ''] ?? [])))];
}

function wrongString(schema: Schema): fc.Arbitrary<Broken>[] {
  if (schema.type !== 'string') {
    return [];
  }
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  return [
    ...(schema.enum ? [broken('enum', fc.constantFrom('', 'nothing_known', 'QR_MPM'))] : []),
    ...(schema.format === 'date-time'
      ? [broken('format', fc.constantFrom('', 'soon', '2026-13-01T00:00:00Z'))]
      : []),
    ...(schema.format === 'time-zone'
      ? [broken('format', fc.constantFrom('Asia/Edo', '+09:00', '東京'))]
      : []),
    ...(schema.format === 'iso-4217' ? [broken('format', fc.constantFrom('ZZZ', 'jpy', '円円円'))] : []),
    ...(minLength > 0 ? [broken('minLength', fc.constant('a'.repeat(minLength - 1)))] : []),
    ...(maxLength <= LARGEST ? [broken('maxLength', fc.constant('a'.repeat(maxLength + 1)))] : []),
    ...(expression
      ? [
          broken(
            'pattern',
            fc.constantFrom('a\u0000', '\u0000b').filter((text) => !expression.test(text)),
          ),
        ]
      : []),
  ];
}

function wrongNumber({ type, minimum, maximum }: Schema): fc.Arbitrary<Broken>[] {
  if (type !== 'integer') {
    return [];
  }
  return [
    ...(minimum === undefined ? [] : [broken('minimum', fc.integer({ min: -(10 ** 12), max: minimum - 1 }))]),
    ...(maximum === undefined
      ? []
      : [broken('maximum', fc.integer({ min: maximum + 1, max: maximum + 10 ** 12 }))]),
  ];
}

function wrongArray({
  type,
  items = {},
  minItems = 0,
  maxItems,
  uniqueItems,
}: Schema): fc.Arbitrary<Broken>[] {
  if (type !== 'array') {
    return [];
  }
  const item = validOf(items);
  return [
    ...(minItems > 0 ? [broken('minItems', fc.constant([]))] : []),
    ...(maxItems !== undefined && maxItems <= LARGEST
      ? [
          broken(
            'maxItems',
            item.map((one) => Array.from({ length: maxItems + 1 }, () => one)),
          ),
        ]
      : []),
    ...(uniqueItems
      ? [
          broken(
            'uniqueItems',
            item.map((one) => [one, one]),
          ),
        ]
      : []),
    brokenOf(items).map(({ rule, value }) => ({ rule, value: [value] })),
  ];
}

function wrongObject(schema: Schema): fc.Arbitrary<Broken>[] {
  if (schema.type !== 'object') {
    return [];
  }
  const { properties = {}, required = [], additionalProperties } = schema;
  const whole = validObject(schema) as fc.Arbitrary<Record<string, unknown>>;
  const without = required.map((name) =>
    broken(
      'required',
      whole.map(({ [name]: _, ...rest }) => rest),
    ),
  );
  const within = Object.entries(properties).map(([name, inner]) =>
    fc
      .tuple(
        whole,
        // Null is the same as no field, unless the field is required.
        brokenOf(inner).filter(({ value }) => value !== null || required.includes(name)),
      )
      .map(([rest, { rule, value }]) => ({ rule, value: { ...rest, [name]: value } })),
  );
  const more =
    additionalProperties === false
      ? [
          broken(
            'additionalProperties',
            whole.map((rest) => ({ ...rest, surprise: 1 })),
          ),
        ]
      : [];
  return [...without, ...within, ...more];
}
