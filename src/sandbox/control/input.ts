/**
 * Request and response handling shared by the routes of the control interface. Programs send JSON and the sandbox's
 * pages send forms; both are read by the same functions, so that a form can do nothing that a program cannot. Every
 * error message says what to send instead.
 */
import type { Context, Middleware } from 'koa';
import getRawBody from 'raw-body';
import { parseUrl } from '../local-requests.ts';
import type { Notices } from './notices.ts';
import { toSnakeCase } from './snake-case.ts';

/** A request that cannot be carried out; the message is shown to the caller. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type ControlInput = Record<string, unknown>;

const BODY_LIMIT_BYTES = 1_000_000;
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The pages of the sandbox. A form may redirect only to these. */
const PAGES = ['/', '/app/cashier'];

/** Middleware: parses the body, turns a ControlError into a response, and redirects a form back to its page. */
export function controlRequests(notices: Notices): Middleware {
  return async function controlRequestMiddleware(ctx, next) {
    try {
      ctx.state['input'] = ctx.method === 'GET' ? {} : await readBody(ctx);
      await next();
    } catch (error) {
      if (!(error instanceof ControlError)) {
        throw error;
      }
      ctx.status = error.status;
      ctx.body = { error: error.code, message: error.message };
    }
    // Only forms on the sandbox's own pages send return_to.
    if (getInput(ctx)?.['return_to'] !== undefined) {
      redirectBack(ctx, notices);
    }
  };
}

/** Sets the response body, with property names converted to snake_case. */
export function reply(ctx: Context, body: object): void {
  ctx.body = toSnakeCase(body);
}

/** The fields of the request's body. */
export function getInput(ctx: Context): ControlInput {
  return ctx.state['input'] as ControlInput;
}

export function readText(input: ControlInput, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  if (typeof value !== 'string') {
    throw invalid(name, 'a string');
  }
  return value;
}

export function readNumber(input: ControlInput, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw invalid(name, 'a number');
  }
  return number;
}

export function readFlag(input: ControlInput, name: string): boolean {
  const value = input[name];
  if (value === undefined || value === null || value === '') {
    return false;
  }
  if (value === true || value === 'true' || value === 'on') {
    return true;
  }
  if (value === false || value === 'false') {
    return false;
  }
  throw invalid(name, 'true or false');
}

export function readChoice<Choice extends string>(
  input: ControlInput,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = readText(input, name);
  const found = choices.find((choice) => choice === value);
  if (value !== undefined && found === undefined) {
    throw invalid(name, `one of ${choices.join(', ')}`);
  }
  return found;
}

/** Reads how often a fault is injected. */
export function readFrequency(input: ControlInput): { times?: number; probability?: number } {
  const times = readNumber(input, 'times');
  const probability = readNumber(input, 'probability');
  if (times !== undefined && (!Number.isInteger(times) || times < 1)) {
    throw invalid('times', 'a whole number, at least 1');
  }
  if (probability !== undefined && (probability < 0 || probability > 1)) {
    throw invalid('probability', 'a number from 0 to 1');
  }
  return { ...(times !== undefined && { times }), ...(probability !== undefined && { probability }) };
}

/** Creates the error for one invalid field. */
export function invalid(name: string, expected: string): ControlError {
  return new ControlError(400, 'invalid_request', `${name} must be ${expected}.`);
}

async function readBody(ctx: Context): Promise<ControlInput> {
  const text = await getRawBody(ctx.req, { limit: BODY_LIMIT_BYTES, encoding: 'utf8' }).catch(() => {
    throw new ControlError(
      413,
      'payload_too_large',
      'The body is too large or incomplete. Send less than 1 MB.',
    );
  });
  // curl -d declares JSON as a form unless a Content-Type is given.
  if (ctx.is(FORM_TYPE) === FORM_TYPE && !text.trimStart().startsWith('{')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  if (text.trim() === '') {
    return {};
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ControlError(400, 'invalid_request', 'The body is not JSON. Send a JSON object.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ControlError(400, 'invalid_request', 'The body must be a JSON object.');
  }
  return parsed as ControlInput;
}

function redirectBack(ctx: Context, notices: Notices): void {
  const base = 'http://sandbox.invalid';
  const target = getInput(ctx)['return_to'];
  const parsed = typeof target === 'string' ? parseUrl(target, base) : undefined;
  // Parsed as a browser does, because a path can be spelled so that it leads to another site.
  const isPage = parsed?.origin === base && PAGES.includes(parsed.pathname);
  const back = isPage ? parsed : new URL(base);
  const response = ctx.body as { message?: unknown } | undefined;
  const message = typeof response?.message === 'string' ? response.message : 'Done.';
  back.searchParams.set('notice', notices.add(message));
  ctx.redirect(`${back.pathname}${back.search}`);
  ctx.status = 303;
}
