/**
 * openapi-backend without the validators that are never called. By default it compiles four kinds for every operation,
 * each with its own Ajv, which takes most of the CPU time of a start. Here a validator is compiled at its first use, into
 * one shared Ajv per kind; the instances that the library creates are discarded.
 */
import type { Ajv, Options } from 'ajv';
import addFormats from 'ajv-formats';
import { type Document, OpenAPIBackend, OpenAPIValidator, type ValidationContext } from 'openapi-backend';

export interface LazyBackendOptions {
  /** Its references are resolved in place. */
  readonly contract: Document;
  readonly ajv: Options;
  /** Formats that JSON Schema does not define: whether a text has the format, by its name. */
  readonly formats: Readonly<Record<string, (text: string) => boolean>>;
  /** Whether texts in the path and the query become the numbers and booleans that the contract declares. */
  readonly coerceTypes?: boolean;
}

/** The contract itself is not validated: that takes as long as all the rest, and the linter does it before a release. */
export async function openLazyBackend(options: LazyBackendOptions): Promise<OpenAPIBackend> {
  const backend = new OpenAPIBackend({
    definition: options.contract,
    strict: true,
    ignoreTrailingSlashes: false,
    validate: false,
  });
  backend.validateDefinition = () => options.contract;
  await backend.init();
  backend.validator = createLazyValidator(backend, options);
  return backend;
}

/** Validators of an initialized backend's operations, each compiled at its first use. */
export function createLazyValidator(
  { definition, router }: OpenAPIBackend,
  options: Pick<LazyBackendOptions, 'ajv' | 'formats' | 'coerceTypes'>,
): OpenAPIValidator {
  return new OpenAPIValidator({
    definition,
    router,
    ajvOpts: options.ajv,
    coerceTypes: options.coerceTypes ?? false,
    lazyCompileValidators: true,
    customizeAjv: sharedAjv(options.formats),
  });
}

/** The options of an Ajv depend on the kind of validator only. */
function sharedAjv(formats: LazyBackendOptions['formats']) {
  const ajvs = new Map<ValidationContext | undefined, Ajv>();
  return (fresh: Ajv, _: unknown, kind?: ValidationContext): Ajv => {
    const shared = ajvs.get(kind);
    if (shared) {
      return shared;
    }
    addFormats.default(fresh);
    for (const [name, hasFormat] of Object.entries(formats)) {
      fresh.addFormat(name, hasFormat);
    }
    ajvs.set(kind, fresh);
    return fresh;
  };
}
