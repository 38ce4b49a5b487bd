/**
 * Turns errors thrown by later steps into responses in the contract's form.
 */
import { writeError } from '../errors.ts';
import type { Middleware } from '../state.ts';

export function errors(): Middleware {
  return async function errorsMiddleware(ctx, next) {
    try {
      await next();
    } catch (error) {
      writeError(ctx, error);
    }
  };
}
