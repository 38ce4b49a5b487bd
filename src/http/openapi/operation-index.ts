/**
 * Look-ups in place of what openapi-backend derives from the contract anew at every request: the table of operations, the
 * patterns of their paths, the parts of a request (which it takes apart four times). The contract does not change while
 * we run, so once is enough; its compiled validators are used as they are. Whatever is not plain here (no such route,
 * another method, a parameter or a body in a form of its own) is left to openapi-backend itself.
 */
import type { ErrorObject } from 'ajv';
import type { OpenAPIBackend, OpenAPIRouter, Operation, ParsedRequest, Request } from 'openapi-backend';

type Params = Record<string, string>;

/** A request as api.ts builds it: header names are in lower case, and nobody else holds its query. */
export interface RoutableRequest extends Request {
  /** Its parts, once they were taken. */
  parts?: ParsedRequest;
}

interface Route {
  readonly operation: Operation;
  /** Whether its requests can be taken apart here. */
  readonly isPlain: boolean;
  /** What its paths look like, with a group for each parameter. */
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

/** Lets an initialized backend look operations up. */
export function indexOperations({ router, validator }: Pick<OpenAPIBackend, 'router' | 'validator'>): void {
  const operations = router.getOperations();
  const routes = new Map(operations.map((operation) => [operation, toRoute(operation)]));
  indexRoutes(router, [...routes.values()]);
  const derive = {
    parse: router.parseRequest.bind(router),
    validate: validator.validateRequest.bind(validator),
  };

  router.parseRequest = (request: RoutableRequest, operation?: Operation): ParsedRequest => {
    const route = operation && routes.get(operation);
    // Before it is routed a request has no parts that anybody looks at.
    if (!route) {
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
    // The validators put defaults and numbers in place of what is missing or text, in the parts themselves.
    const { params: path, query, headers: header, requestBody } = parts;
    const given = { path, query, header, cookie: {}, requestBody };
    const errors: ErrorObject[] = [];
    for (const validate of validator.getRequestValidatorsForOperation(operation.operationId ?? '') ?? []) {
      if (!validate(given)) {
        errors.push(...(validate.errors ?? []));
      }
    }
    return { valid: errors.length === 0, errors: errors.length === 0 ? null : errors, coerced: request };
  };
}

function indexRoutes(router: OpenAPIRouter, routes: readonly Route[]): void {
  const operations = routes.map(({ operation }) => operation);
  const byId = new Map(operations.map((operation) => [operation.operationId, operation]));
  const byPath = new Map(operations.map((operation) => [`${operation.method} ${operation.path}`, operation]));
  // The more of a path is spelled out, the better it fits.
  const templates = routes
    .filter(({ operation }) => operation.path.includes('{'))
    .sort((a, b) => literalLength(b.operation) - literalLength(a.operation));
  const derive = router.matchOperation.bind(router);

  router.getOperations = () => operations;
  router.getOperation = (operationId) => byId.get(operationId);
  router.matchOperation = (request: Request, strict?: boolean): Operation => {
    const method = request.method.toLowerCase();
    const found =
      byPath.get(`${method} ${request.path}`) ??
      templates.find(({ operation, pattern }) => operation.method === method && pattern.test(request.path))
        ?.operation;
    // Without `strict` there may be none, which its type forgets.
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

function literalLength({ path }: Operation): number {
  return path.replace(/\{.*?\}/g, '').length;
}
