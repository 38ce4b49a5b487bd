/**
 * Reads the forms of API keys.
 */
import { invalidField } from '../../domain/errors.ts';
import { parseDateTime } from '../../lib/date-time.ts';
import type { KeySettings } from '../../services/keys/key-limits.ts';
import type { WantedKey } from '../../services/operator/keys/change-keys.ts';
import type { Scope } from '../../services/operator/keys/list-keys.ts';
import { findApiKey } from '../../store/api-keys.ts';
import { endText, MERCHANT_SCOPES } from '../../web/console/pages/keys/fields.ts';
import type { ConsoleDeps } from '../call.ts';
import { field } from '../forms.ts';

const MAX_UPSTREAM = 64;

/** @throws invalid_request */
export function readNewKey(form: URLSearchParams): WantedKey {
  const isSync = form.get('kind') === 'sync';
  const merchantId = field(form, 'merchant');
  const upstream = field(form, 'upstream');
  if (!isSync && merchantId === undefined) {
    throw invalidField('merchant', 'required', 'Enter the id of a merchant');
  }
  if (isSync && (merchantId !== undefined || (upstream?.length ?? 0) > MAX_UPSTREAM)) {
    throw invalidField('kind', 'unsupported', 'A sync key belongs to an upstream system and to no merchant');
  }
  const end = field(form, 'end');
  return {
    ...readCommon(form),
    scopes: readScopes(form),
    plannedExpiresAt: end === undefined ? undefined : readEnd(end),
    merchantId: isSync ? undefined : merchantId,
    upstream: isSync ? upstream : undefined,
    ...(isSync && { storeIds: undefined, maxRefundAmount: undefined }),
  };
}

/** The settings of a key that exists. An end that the form leaves as it is keeps its seconds. @throws invalid_request */
export async function readSettings(
  { db }: Pick<ConsoleDeps, 'db'>,
  apiKey: string,
  form: URLSearchParams,
): Promise<KeySettings & { readonly scopes?: readonly Scope[] }> {
  const key = await findApiKey(db, apiKey);
  const isSync = key?.merchantId === undefined;
  const end = field(form, 'end');
  const isUnchanged =
    end === (key?.plannedExpiresAt === undefined ? undefined : endText(key.plannedExpiresAt));
  const { label, storeIds, allowedIps, maxRefundAmount } = readCommon(form);
  return {
    label,
    allowedIps,
    ...(!isSync && { storeIds, maxRefundAmount, scopes: readScopes(form) }),
    ...(!isUnchanged && { plannedExpiresAt: end === undefined ? undefined : readEnd(end) }),
  };
}

function readCommon(form: URLSearchParams) {
  const amount = field(form, 'max_refund');
  return {
    label: field(form, 'label'),
    storeIds: readList(form, 'stores'),
    allowedIps: readList(form, 'addresses'),
    maxRefundAmount: amount === undefined ? undefined : readAmount(amount),
  };
}

function readScopes(form: URLSearchParams): Scope[] {
  const chosen = new Set(form.getAll('scopes'));
  return MERCHANT_SCOPES.filter((scope) => chosen.has(scope));
}

/** Undefined when there is none, which means all. */
function readList(form: URLSearchParams, name: string): string[] | undefined {
  const items = (form.get(name) ?? '').split(/[\s,、，]+/).filter((item) => item !== '');
  return items.length === 0 ? undefined : items;
}

/** A date and time in Japan. */
function readEnd(text: string): Date {
  const end = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? parseDateTime(`${text}:00+09:00`) : undefined;
  if (!end) {
    throw invalidField('end', 'format', 'Enter a date and time, or nothing');
  }
  return end;
}

function readAmount(text: string): number {
  if (!/^\d{1,11}$/.test(text)) {
    throw invalidField('max_refund_amount', 'pattern', 'The largest refund must be a whole number');
  }
  return Number(text);
}
