/**
 * Refuses ambiguous HTTP, because a proxy in front may have interpreted it differently: two Host or Authorization headers,
 * or a transfer coding that the gateway does not decode. Node would use the first header or ignore the coding.
 */
import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from '../http-refusal.ts';
import type { RateLimits } from '../rate-limits/limits.ts';
import type { AppContext, Middleware } from '../state.ts';

const CONTINUE = /^100-continue$/i;
const CHUNKED = /^chunked$/i;
/** The target form of requests to proxies. The signature covers the path in either form. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;

/** @param limits these refusals carry the rate-limit headers like every response */
export function strictHttp(limits: RateLimits): Middleware {
  const refuse = async (ctx: AppContext, refusal: HttpRefusal): Promise<never> => {
    // The end of this request is uncertain, so nothing that follows on the connection can be parsed.
    ctx.response.set('Connection', 'close');
    await limits.showGlobal(ctx.res);
    throw refusal;
  };
  return function strictHttpMiddleware(ctx, next) {
    const refusal = refusalOfHeaders(ctx.req);
    return refusal ? refuse(ctx, refusal) : next();
  };
}

/** The target as a path with its query. */
export function toOriginForm(target: string): string {
  if (target.startsWith('/')) {
    return target;
  }
  const [origin] = ABSOLUTE_FORM.exec(target) ?? [];
  if (origin === undefined) {
    return target;
  }
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Why the headers are ambiguous; undefined when they are not. */
export function refusalOfHeaders({
  headers,
  rawHeaders,
  httpVersion,
}: IncomingMessage): HttpRefusal | undefined {
  let hosts = 0;
  let authorizations = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    hosts += isNamed(name, 'host') ? 1 : 0;
    authorizations += isNamed(name, 'authorization') ? 1 : 0;
  }
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
    return new HttpRefusal(400, 'Host', 'http', 'The request must have exactly one Host header');
  }
  if (authorizations > 1) {
    return new HttpRefusal(
      400,
      'Authorization',
      'http',
      'The request has more than one Authorization header',
    );
  }
  const { expect, 'transfer-encoding': coding } = headers;
  if (coding !== undefined && !CHUNKED.test(coding)) {
    return new HttpRefusal(
      400,
      'Transfer-Encoding',
      'http',
      'The only supported Transfer-Encoding is chunked',
    );
  }
  if (expect !== undefined && !CONTINUE.test(expect)) {
    return new HttpRefusal(417, 'Expect', 'http', 'The only supported Expect is 100-continue');
  }
  return undefined;
}

function isNamed(name: string, lowerCase: string): boolean {
  return name.length === lowerCase.length && name.toLowerCase() === lowerCase;
}
