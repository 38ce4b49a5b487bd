/**
 * Removes optional fields of a request body that are `null`, because serializers of several languages write null for unset
 * fields. `null` in a required field, a list or an unknown field remains, and the validator refuses it.
 */
import type { Operation } from 'openapi-backend';

/** The parts of a resolved schema that are used here. */
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
