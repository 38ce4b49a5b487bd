/**
 * Look-ups that openapi-backend would derive from the contract again for each request: the operations of a path, the
 * patterns of paths, the parts of a request (which it takes apart four times). The contract does not change while the
 * process runs, so they are built once; openapi-backend's compiled validators are used unchanged. Parameters and bodies
 * in unusual forms (cookies, arrays, JSON in a parameter) are left to openapi-backend itself.
 */
import type {
  OpenAPIBackend,
  OpenAPIRouter,
  OpenAPIValidator,
  Operation,
  ParsedRequest,
  Request,
} from 'openapi-backend';
import { collectFaults } from './faults.ts';

type Params = Record<string, string>;

/** A request as api.ts builds it: header names are in lower case, and nothing else holds a reference to its query. */
export interface RoutableRequest extends Request {
  /** Its parts, once they have been taken apart. */
  parts?: ParsedRequest;
  /** The size of the body as sent. */
  readonly bodyBytes?: number;
}

/** The operations of one path, by method in lower case. */
export type PathOperations = ReadonlyMap<string, Operation>;

export interface OperationIndex {
  /** Undefined when the contract has no such path. */
  find(path: string): PathOperations | undefined;
}

interface Route {
  readonly operation: Operation;
  /** Whether its requests can be taken apart here. */
  readonly isPlain: boolean;
  /** What its paths look like, with a group for each parameter. */
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

/**
 * Indexes the operations of an initialized backend, and makes its router and validator use the index.
 * @param everyFault collects all faults of a request after the backend's validator has found the first
 */
export function indexOperations(
  { router, validator }: Pick<OpenAPIBackend, 'router' | 'validator'>,
  everyFault?: OpenAPIValidator,
): OperationIndex {
  const operations = router.getOperations();
  const routes = new Map(operations.map((operation) => [operation, toRoute(operation)]));
  const index = createIndex([...routes.values()]);
  replaceRouting(router, operations, index);
  const derive = {
    parse: router.parseRequest.bind(router),
    validate: validator.validateRequest.bind(validator),
  };

  router.parseRequest = (request: RoutableRequest, operation?: Operation): ParsedRequest => {
    const route = operation && routes.get(operation);
    if (!route) {
      // A request has no parts before it is routed, and nothing reads them then.
      return request as unknown as ParsedRequest;
    }
    if (!route.isPlain) {
      return derive.parse(request, operation);
    }
    request.parts ??= takeApart(request, route);
    return request.parts;
  };
  validator.validateRequest = (request: RoutableRequest, operation) => {
    const { parts } = request;
    if (!parts || typeof operation !== 'object' || typeof request.body === 'string') {
      return derive.validate(request, operation);
    }
    // The validators insert defaults, and replace text by numbers, in the parts themselves.
    const { params: path, query, headers: header, requestBody } = parts;
    const given = { path, query, header, cookie: {}, requestBody };
    const errors = collectFaults(
      validator,
      everyFault,
      operation.operationId ?? '',
      given,
      request.bodyBytes,
    );
    return { valid: errors.length === 0, errors: errors.length === 0 ? null : errors, coerced: request };
  };
  return index;
}

function createIndex(routes: readonly Route[]): OperationIndex {
  const byPath = new Map<string, Map<string, Operation>>();
  for (const { operation } of routes) {
    const ofPath = byPath.get(operation.path) ?? new Map<string, Operation>();
    byPath.set(operation.path, ofPath.set(operation.method, operation));
  }
  // The template with more literal characters is the better match.
  const templates = [...byPath]
    .filter(([path]) => path.includes('{'))
    .sort(([a], [b]) => literalLength(b) - literalLength(a))
    .map(([path, operations]) => ({ pattern: patternOf(path), operations }));
  return {
    find: (path) => byPath.get(path) ?? templates.find(({ pattern }) => pattern.test(path))?.operations,
  };
}

function replaceRouting(router: OpenAPIRouter, operations: Operation[], index: OperationIndex): void {
  const byId = new Map(operations.map((operation) => [operation.operationId, operation]));
  const derive = router.matchOperation.bind(router);
  router.getOperations = () => operations;
  router.getOperation = (operationId) => byId.get(operationId);
  router.matchOperation = (request: Request, strict?: boolean): Operation => {
    const found = index.find(request.path)?.get(request.method.toLowerCase());
    // Without `strict` the result may be undefined, which the library's type omits.
    return found ?? (derive(request, strict as true) as Operation);
  };
}

function takeApart(request: Request, route: Route): ParsedRequest {
  const { method, path, headers, body } = request;
  const params = readParams(path, route);
  const query = request.query as ParsedRequest['query'];
  const requestBody = typeof body === 'string' ? JSON.parse(body) : body;
  return { method: method.toLowerCase(), path, headers, query, body, params, cookies: {}, requestBody };
}

function toRoute(operation: Operation): Route {
  const parameters = (operation.parameters ?? []) as {
    in?: string;
    explode?: boolean;
    content?: unknown;
    schema?: { type?: string };
  }[];
  return {
    operation,
    isPlain: parameters.every(
      (parameter) =>
        parameter.in !== 'cookie' &&
        parameter.explode !== false &&
        parameter.content === undefined &&
        parameter.schema?.type !== 'array',
    ),
    pattern: patternOf(operation.path),
    names: [...operation.path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name),
  };
}

function patternOf(template: string): RegExp {
  const literals = template.split(/\{[^}]+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('([^/]+)')}$`);
}

/** The path's parameters, decoded. */
function readParams(path: string, { names, pattern }: Route): Params {
  if (names.length === 0) {
    return {};
  }
  const [, ...values] = pattern.exec(path) ?? [];
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]));
}

function literalLength(path: string): number {
  return path.replace(/\{.*?\}/g, '').length;
}
