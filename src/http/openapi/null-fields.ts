/**
 * Makes `null` in an optional field of a body the same as no field, because the serializers of several languages write null
 * for what is not set. In a required field, a list or an unknown field it remains, and the validator refuses it.
 */
import type { Operation } from 'openapi-backend';

/** The parts of a resolved schema that matter here; bodies are objects, lists of them, or values. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

interface JsonBody {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema } | undefined>>;
}

/** Deletes the fields in place: nothing else holds a reference to the body. */
export function dropNullFields(body: unknown, { requestBody }: Operation): void {
  const schema = (requestBody as JsonBody | undefined)?.content?.['application/json']?.schema;
  if (schema) {
    dropIn(body, schema);
  }
}

function dropIn(value: unknown, schema: Schema): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  if (Array.isArray(value)) {
    for (const item of schema.items ? value : []) {
      dropIn(item, schema.items as Schema);
    }
    return;
  }
  const fields = value as Record<string, unknown>;
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    if (fields[name] === null && !schema.required?.includes(name)) {
      delete fields[name];
    } else {
      dropIn(fields[name], inner);
    }
  }
}
