/**
 * Reads the body of a POST: a form, or JSON for scripts. Never more than 16 KB.
 */
import getRawBody from 'raw-body';
import { storableValues } from './forms.ts';
import { ConsoleRefusal } from './refusals.ts';
import type { Route } from './routes.ts';
import type { ConsoleContext } from './state.ts';

const MAX_BYTES = 16 * 1024;
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** @throws ConsoleRefusal when the body is not a form of UTF-8 */
export async function readForm(ctx: ConsoleContext, { method, body }: Route): Promise<URLSearchParams> {
  return method === 'GET' || body === 'json'
    ? new URLSearchParams()
    : storableValues(new URLSearchParams(await readText(ctx, FORM)));
}

/** @throws ConsoleRefusal when the body is not JSON */
export async function readJson(ctx: ConsoleContext, { body }: Route): Promise<unknown> {
  if (body !== 'json') {
    return undefined;
  }
  try {
    return JSON.parse(await readText(ctx, JSON_TYPE)) as unknown;
  } catch (error) {
    throw error instanceof ConsoleRefusal ? error : new ConsoleRefusal(400, 'badForm');
  }
}

async function readText(ctx: ConsoleContext, type: string): Promise<string> {
  if (!ctx.is(type)) {
    // A form without a field may be sent without a type.
    if (ctx.get('Content-Length') === '0') {
      return '';
    }
    throw new ConsoleRefusal(415, 'badForm');
  }
  try {
    const bytes = await getRawBody(ctx.req, { limit: MAX_BYTES, length: ctx.get('Content-Length') || null });
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const isTooLarge = (error as { type?: unknown }).type === 'entity.too.large';
    throw isTooLarge ? new ConsoleRefusal(413, 'tooLarge') : new ConsoleRefusal(400, 'badForm');
  }
}
