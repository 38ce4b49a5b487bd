/**
 * Finds the operation of a request and its policy before anything else looks at the request, so that every later step
 * reads the table of operations instead of the path. Refuses nothing: errors about the path and the method come after
 * the rate limit.
 */
import type { OperationId } from '../openapi/contract.ts';
import type { OperationIndex, PathOperations } from '../openapi/operation-index.ts';
import { NO_PAGE, OPERATIONS } from '../operations.ts';
import type { Middleware } from '../state.ts';

export function route(index: OperationIndex): Middleware {
  return function routeMiddleware(ctx, next) {
    const { path } = ctx.request;
    const operations = index.find(path);
    if (operations) {
      // Koa omits the body of the response to a HEAD request, which otherwise is a GET.
      const method = ctx.request.method === 'HEAD' ? 'get' : ctx.request.method.toLowerCase();
      const operation = operations.get(method);
      ctx.state.isKnownPath = true;
      ctx.state.operation = operation;
      // A method that the path does not have, such as OPTIONS, is answered under the policy of its first operation.
      const [first] = operations.values();
      ctx.state.route = first?.path;
      if (!operation) {
        ctx.state.methods = methodsOf(operations);
      }
      ctx.state.policy = OPERATIONS[(operation ?? first)?.operationId as OperationId];
    } else if (path.startsWith('/pay/')) {
      ctx.state.policy = NO_PAGE;
    }
    return next();
  };
}

/** A path with GET supports HEAD as well. */
function methodsOf(operations: PathOperations): string[] {
  return [...operations.keys()].flatMap((method) =>
    method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
  );
}
