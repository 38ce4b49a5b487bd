/**
 * The contract as the API reference reads it: types of the parts of an OpenAPI document that are shown, and how to
 * follow a `$ref`.
 */
import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types';

/** The contract is OpenAPI 3.0; its loader may have it typed as either version. */
export type Contract = OpenAPIV3.Document | OpenAPIV3_1.Document;
export type Ref = OpenAPIV3.ReferenceObject;
export type Schema = OpenAPIV3.SchemaObject;
export type Header = OpenAPIV3.HeaderObject;
export type Media = OpenAPIV3.MediaTypeObject;
export type Parameter = OpenAPIV3.ParameterObject;
export type RequestBody = OpenAPIV3.RequestBodyObject;
export type Response = OpenAPIV3.ResponseObject;
export type SecurityScheme = OpenAPIV3.SecuritySchemeObject;
export type Content = Readonly<Record<string, Media>>;
export type Callback = OpenAPIV3.CallbackObject;
export type Example = OpenAPIV3.ExampleObject;

export interface ContractTree {
  readonly info: OpenAPIV3.InfoObject;
  readonly tags: readonly OpenAPIV3.TagObject[];
  readonly paths: OpenAPIV3.PathsObject;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
    readonly schemas: Readonly<Record<string, Schema | Ref>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
  /** The target of a reference; anything else is returned unchanged. */
  follow<T extends object>(part: T | Ref): T;
}

/** An operation with its method and path. */
export type PlacedOperation = OpenAPIV3.OperationObject & {
  readonly operationId: string;
  /** In upper case. */
  readonly method: string;
  readonly path: string;
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** @param contract with its references not yet resolved */
export function readContract(contract: Contract): ContractTree {
  const { info, tags = [], paths, components = {} } = contract as OpenAPIV3.Document;
  const { securitySchemes = {}, schemas = {}, responses = {} } = components;
  const follow = <T extends object>(part: T | Ref): T =>
    isRef(part) ? (find(contract, part.$ref) as T) : part;
  const followAll = <T extends object>(parts: Record<string, T | Ref>): Record<string, T> =>
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, follow<T>(part)]));
  return {
    info,
    tags,
    paths,
    components: {
      securitySchemes: followAll<SecurityScheme>(securitySchemes),
      schemas,
      responses: followAll<Response>(responses),
    },
    follow,
  };
}

/** All operations, in the order of the contract. */
export function listOperations({ paths }: ContractTree): PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, item = {}]) =>
    Object.keys(item)
      .filter(isMethod)
      .map((method) => {
        const operation: OpenAPIV3.OperationObject = item[method] ?? { responses: {} };
        const { operationId = `${method} ${path}` } = operation;
        return { ...operation, operationId, method: method.toUpperCase(), path };
      }),
  );
}

/** The requests that the gateway sends to an address which an operation was given, with the expression of that address as path. */
export function listCallbacks(tree: ContractTree, { callbacks = {} }: PlacedOperation): PlacedOperation[] {
  return Object.values(callbacks).flatMap((callback) =>
    listOperations({ ...tree, paths: tree.follow<Callback>(callback) }),
  );
}

/** The operations of one tag. */
export interface OperationGroup {
  readonly name: string;
  /** The name in words: `Webhook endpoints` for `WebhookEndpoints`. */
  readonly title: string;
  readonly description?: string;
  readonly operations: readonly PlacedOperation[];
}

/** The operations grouped by their first tag, tags and operations in the order of the contract. */
export function operationsByTag(tree: ContractTree): OperationGroup[] {
  const all = listOperations(tree);
  return tree.tags
    .map((tag) => ({
      ...tag,
      title: tag.name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
      operations: all.filter(({ tags = [] }) => tags[0] === tag.name),
    }))
    .filter(({ operations }) => operations.length > 0);
}

/** The name of a reference's target: `Amount` for `#/components/schemas/Amount`. */
export function refName(part: object): string | undefined {
  return isRef(part) ? part.$ref.split('/').at(-1) : undefined;
}

function isMethod(name: string): name is (typeof METHODS)[number] {
  return METHODS.some((method) => method === name);
}

function isRef(part: object): part is Ref {
  return '$ref' in part && typeof part.$ref === 'string';
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
