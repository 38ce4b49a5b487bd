/**
 * Recognizes the operator by the cookie of their session.
 */
import { resumeSession } from '../../services/operator-accounts/sessions.ts';
import type { ConsoleDeps } from '../call.ts';
import { readCookie, sessionCookieName } from '../cookies.ts';
import type { ConsoleMiddleware } from '../state.ts';

export function session(deps: ConsoleDeps): ConsoleMiddleware {
  const name = sessionCookieName(deps.options);
  return async function sessionMiddleware(ctx, next) {
    const secret = readCookie(ctx.get('Cookie'), name);
    const signedIn = secret === undefined ? undefined : await resumeSession(deps, secret);
    if (signedIn) {
      ctx.state.signedIn = signedIn;
    }
    await next();
  };
}
