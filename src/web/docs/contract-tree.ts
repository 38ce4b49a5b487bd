/**
 * The contract as the API reference reads it: types of the parts of an OpenAPI document that are shown, and how to
 * follow a `$ref`.
 */
import type { Document } from 'openapi-backend';

export interface Ref {
  readonly $ref: string;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly nullable?: boolean;
  readonly deprecated?: boolean;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly example?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

export interface Example {
  readonly summary?: string;
  readonly value?: unknown;
}

export interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Example>>;
}

export type Content = Readonly<Record<string, Media>>;

export interface Header {
  readonly description?: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

export interface Response {
  readonly description?: string;
  readonly headers?: Readonly<Record<string, Header | Ref>>;
  readonly content?: Content;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly (Parameter | Ref)[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly description?: string;
    readonly content?: Content;
  };
  readonly responses?: Readonly<Record<string, Response | Ref>>;
}

export interface SecurityScheme {
  readonly type: string;
  readonly name?: string;
  readonly in?: string;
  readonly description?: string;
}

export interface ContractTree {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
    readonly headers: Readonly<Record<string, Header>>;
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
  /** The target of a reference; anything else is returned unchanged. */
  follow<T extends object>(part: T | Ref): T;
}

/** An operation with its method and path. */
export interface PlacedOperation extends Operation {
  /** In upper case. */
  readonly method: string;
  readonly path: string;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** @param contract with its references not yet resolved */
export function readContract(contract: Document): ContractTree {
  const { info, tags, paths, components } = contract as unknown as Partial<ContractTree>;
  const { securitySchemes = {}, headers = {}, schemas = {}, responses = {} } = components ?? {};
  return {
    info: info ?? contract.info,
    tags: tags ?? [],
    paths: paths ?? {},
    components: { securitySchemes, headers, schemas, responses },
    follow: <T extends object>(part: T | Ref): T =>
      '$ref' in part && typeof part.$ref === 'string' ? (find(contract, part.$ref) as T) : (part as T),
  };
}

/** The operations grouped by their first tag, tags and operations in the order of the contract. */
export function operationsByTag(
  tree: ContractTree,
): { name: string; description?: string; operations: PlacedOperation[] }[] {
  const all = Object.entries(tree.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
  return tree.tags
    .map((tag) => ({ ...tag, operations: all.filter(({ tags = [] }) => tags[0] === tag.name) }))
    .filter(({ operations }) => operations.length > 0);
}

/** The name of a reference's target: `Amount` for `#/components/schemas/Amount`. */
export function refName({ $ref }: { readonly $ref?: string }): string | undefined {
  return $ref?.split('/').at(-1);
}

function find(contract: object, pointer: string): unknown {
  const found = pointer
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (part, name) =>
        (part as Record<string, unknown> | undefined)?.[name.replaceAll('~1', '/').replaceAll('~0', '~')],
      contract,
    );
  if (found === undefined) {
    throw new Error(`the contract has nothing at ${pointer}`);
  }
  return found;
}
