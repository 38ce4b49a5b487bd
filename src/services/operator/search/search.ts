/**
 * The search of the console: finds whatever the text can mean, within what the operator may see. Everything is looked up by an
 * index, and at most so many of each kind.
 */
import { type Grant, isInScope, type OperatorScope, scopeOf } from '../../../domain/operators/grants.ts';
import type { Permission } from '../../../domain/operators/roles.ts';
import { isEmpty } from '../../../domain/operators/scope.ts';
import { addDays, startOfDay } from '../../../lib/date-time.ts';
import { firstIdAt, isId } from '../../../lib/ids.ts';
import { findApiKey } from '../../../store/api-keys.ts';
import type { Db } from '../../../store/db/query.ts';
import {
  listCreatedPayments,
  listIntentIdsOfProviderPayment,
  listPaymentsById,
  type OperatorPayment,
} from '../../../store/operator/payments.ts';
import {
  findDeliveryOwner,
  findEventOwner,
  type NamedShop,
  type RequestTrace,
  searchAmount,
  searchRequest,
  searchShops,
} from '../../../store/operator/search.ts';
import { findOperator } from '../../../store/operator-accounts/operators.ts';
import { findPaymentOfAttempt } from '../../../store/payments.ts';
import { findAnyRefund } from '../../../store/refunds/refunds.ts';
import { findEndpoint } from '../../../store/webhooks/endpoints.ts';
import { findDayOfEvent } from '../../events/event-day.ts';
import { SEARCH_ZONE, type SearchTerm } from './read-search.ts';

export type { NamedShop, RequestTrace };

export type PaymentReason = 'id' | 'attempt' | 'refund' | 'event' | 'number' | 'reference' | 'amount';

/** Something that matches, and why. */
export type Found =
  | {
      readonly kind: 'payment';
      readonly reason: PaymentReason;
      readonly payment: OperatorPayment;
      /** The refund of the payment that was searched for. */
      readonly refundId?: string;
    }
  | { readonly kind: 'shop'; readonly shop: NamedShop; readonly hasId: boolean }
  | { readonly kind: 'endpoint' | 'delivery' | 'key' | 'operator'; readonly id: string }
  | { readonly kind: 'trace'; readonly trace: RequestTrace };

/** More of one kind are not shown. */
export const MOST_FOUND = 20;

/** A name is not searched by a single letter; a Chinese character says more. */
const MIN_NAME = /^(.{2,}|\p{Script=Han})$/u;

export async function search(db: Db, grants: readonly Grant[], term: SearchTerm): Promise<Found[]> {
  const payments = scopeOf(grants, 'payments:read');
  const found = await Promise.all([
    payments && !isEmpty(payments) ? searchPayments(db, payments, term) : [],
    findByOtherId(db, grants, term),
    searchNames(db, grants, term),
    searchTraces(db, grants, term),
  ]);
  return found.flat();
}

async function searchPayments(db: Db, scope: OperatorScope, term: SearchTerm): Promise<Found[]> {
  const named = term.id && (await findIntent(db, scope, term.id));
  const [numbers, references, amounts] = await Promise.all([
    term.number === undefined ? [] : listIntentIdsOfProviderPayment(db, term.number, MOST_FOUND),
    // An id is not an order reference, though one may be used as that.
    named ? [] : findReferences(db, scope, term),
    findAmounts(db, scope, term),
  ]);
  const reasons = new Map<string, PaymentReason>();
  const note = (ids: readonly string[], reason: PaymentReason) => {
    for (const id of ids.filter((each) => !reasons.has(each))) {
      reasons.set(id, reason);
    }
  };
  note(named ? [named.intentId] : [], named?.reason ?? 'id');
  note(numbers, 'number');
  note(references, 'reference');
  note(amounts, 'amount');
  const payments = await listPaymentsById(db, scope, [...reasons.keys()]);
  return payments.map((payment) => ({
    kind: 'payment',
    reason: reasons.get(payment.intent.id) ?? 'id',
    payment,
    ...(named?.reason === 'refund' && term.id && { refundId: term.id.value }),
  }));
}

/** The payment that an id leads to. */
async function findIntent(
  db: Db,
  scope: OperatorScope,
  { prefix, value }: NonNullable<SearchTerm['id']>,
): Promise<{ readonly intentId: string; readonly reason: PaymentReason } | undefined> {
  if (prefix === 'pi') {
    return { intentId: value, reason: 'id' };
  }
  if (prefix === 'pa') {
    const payment = await findPaymentOfAttempt(db, value);
    return payment && { intentId: payment.intent.id, reason: 'attempt' };
  }
  if (prefix === 're') {
    const refund = await findAnyRefund(db, value);
    return refund && { intentId: refund.intentId, reason: 'refund' };
  }
  const day = prefix === 'evt' ? findDayOfEvent(value) : undefined;
  const event = day === undefined ? undefined : await findEventOwner(db, value, day);
  return event?.intentId !== undefined && isId('pi', event.intentId) && isInScope(scope, event)
    ? { intentId: event.intentId, reason: 'event' }
    : undefined;
}

/** Exact, as it was typed and with ordinary characters. */
async function findReferences(db: Db, scope: OperatorScope, { raw, text }: SearchTerm): Promise<string[]> {
  const page = { order: 'newest', limit: MOST_FOUND, after: undefined } as const;
  const pages = await Promise.all(
    [...new Set([raw, text])].map((merchantRefId) => listCreatedPayments(db, { scope, merchantRefId }, page)),
  );
  return pages.flat().map(({ intent }) => intent.id);
}

async function findAmounts(db: Db, scope: OperatorScope, { amount: wanted }: SearchTerm): Promise<string[]> {
  if (!wanted) {
    return [];
  }
  const { amount, day } = wanted;
  const [from, to] = [startOfDay(day, SEARCH_ZONE), startOfDay(addDays(day, 1), SEARCH_ZONE)];
  // An intent expires after 24 hours, so what was paid on a day was created on it or on the day before.
  const idFrom = firstIdAt('pi', startOfDay(addDays(day, -1), SEARCH_ZONE));
  const idBelow = firstIdAt('pi', to);
  return searchAmount(db, scope, { amount, from, to, idFrom, idBelow }, MOST_FOUND);
}

async function findByOtherId(db: Db, grants: readonly Grant[], term: SearchTerm): Promise<Found[]> {
  const isOwn = (permission: Permission, owner: { merchantId: string; storeId?: string | undefined }) => {
    const scope = scopeOf(grants, permission);
    return scope !== undefined && isInScope(scope, owner);
  };
  if (term.apiKey !== undefined) {
    const key = await findApiKey(db, term.apiKey);
    const scope = scopeOf(grants, 'keys:read');
    const isVisible =
      key?.merchantId === undefined
        ? scope?.kind === 'everything'
        : isOwn('keys:read', { merchantId: key.merchantId });
    return key && isVisible ? [{ kind: 'key', id: key.apiKey }] : [];
  }
  const { prefix, value: id } = term.id ?? { prefix: undefined, value: '' };
  if (prefix === 'we') {
    const stored = await findEndpoint(db, id, undefined);
    return stored && isOwn('endpoints:read', stored.endpoint) ? [{ kind: 'endpoint', id }] : [];
  }
  if (prefix === 'wd') {
    const owner = await findDeliveryOwner(db, id);
    return owner && isOwn('endpoints:read', owner) ? [{ kind: 'delivery', id }] : [];
  }
  if (prefix === 'op') {
    const scope = scopeOf(grants, 'operators:read');
    const operator = scope && (await findOperator(db, id));
    const isVisible =
      scope?.kind === 'everything' ||
      operator?.grants.every(
        ({ merchantId, storeId }) =>
          scope !== undefined && merchantId !== undefined && isInScope(scope, { merchantId, storeId }),
      );
    return operator && isVisible ? [{ kind: 'operator', id }] : [];
  }
  return [];
}

async function searchNames(db: Db, grants: readonly Grant[], term: SearchTerm): Promise<Found[]> {
  const scope = scopeOf(grants, 'merchants:read');
  const isOther = term.id ?? term.apiKey ?? term.requestId ?? term.amount;
  if (!scope || isOther !== undefined || !MIN_NAME.test(term.text)) {
    return [];
  }
  const shops = await searchShops(db, scope, term.text, MOST_FOUND);
  return shops.map((shop) => ({
    kind: 'shop',
    shop,
    hasId: (shop.storeId ?? shop.merchantId) === term.text,
  }));
}

/** Who reads the audit log sees all acts; others, those on their payments, which the page of the payment shows as well. */
async function searchTraces(db: Db, grants: readonly Grant[], { requestId }: SearchTerm): Promise<Found[]> {
  if (requestId === undefined) {
    return [];
  }
  const mayReadAll = scopeOf(grants, 'audit:read')?.kind === 'everything';
  const isVisible = ({ source, objectId, merchantId, storeId }: RequestTrace) => {
    const scope = scopeOf(grants, source === 'sync' ? 'merchants:read' : 'payments:read');
    const isOwn = scope && merchantId !== undefined && isInScope(scope, { merchantId, storeId });
    return source === 'sync' ? isOwn : mayReadAll || (isOwn && isId('pi', objectId));
  };
  const traces = await searchRequest(db, requestId, MOST_FOUND);
  return traces.filter(isVisible).map((trace) => ({ kind: 'trace', trace }));
}
