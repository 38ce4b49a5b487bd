/**
 * The start page, the search, and the lists of payments and refunds.
 */
import { DomainError } from '../../domain/errors.ts';
import { type OperatorScope, scopeOf } from '../../domain/operators/grants.ts';
import { isEmpty } from '../../domain/operators/scope.ts';
import { localDayOf } from '../../lib/date-time.ts';
import { randomAlphanumerics } from '../../lib/ids.ts';
import { listPayments, sumPayments } from '../../services/operator/payments/list-payments.ts';
import { listRefunds } from '../../services/operator/payments/list-refunds.ts';
import { showOverview } from '../../services/operator/payments/overview.ts';
import { readSearch } from '../../services/operator/search/read-search.ts';
import { MOST_FOUND, search } from '../../services/operator/search/search.ts';
import type { SignedIn } from '../../services/operator-accounts/sessions.ts';
import { listShops } from '../../store/operator/search.ts';
import {
  type FilterView,
  PAYMENT_STATUSES,
  REFUND_STATUSES,
  shopValue,
} from '../../web/console/pages/payments/filter.ts';
import { renderHome } from '../../web/console/pages/payments/home.ts';
import { renderPaymentList } from '../../web/console/pages/payments/list.ts';
import { renderRefundList } from '../../web/console/pages/payments/refunds.ts';
import { pathOf, renderSearch } from '../../web/console/pages/payments/search.ts';
import { paymentsTexts } from '../../web/console/texts/payments.ts';
import type { ConsoleDeps, Handlers } from '../call.ts';
import { streamCsv } from '../payments/csv-stream.ts';
import { beginExport, findExport } from '../payments/exports.ts';
import {
  methodOf,
  narrowTo,
  paymentStatusOf,
  type ReadFilter,
  readFilter,
  refundStatusOf,
  SUMMED_DAYS,
} from '../payments/filter.ts';
import { charsetOf, exportNameOf, fileNameOf, recordExport } from '../payments/record-export.ts';
import { notFound } from '../refusals.ts';
import { ROUTES } from '../routes.ts';

/** More are not offered in the filter. */
const MAX_SHOPS = 200;
const EXPORT_NAME_LENGTH = 24;

export const paymentsHandlers: Pick<
  Handlers,
  'showHome' | 'search' | 'listPayments' | 'exportPayments' | 'showExportProgress' | 'listRefunds'
> = {
  async showHome(deps, { signedIn, scope, language }) {
    const overview = await showOverview(deps.db, signedIn.operator.grants, scope, deps.clock.now());
    return { kind: 'page', page: renderHome(overview, language) };
  },

  async search(deps, { signedIn, query, language }) {
    const typed = query.get('q') ?? '';
    const term = readSearch(typed, deps.clock.now());
    const found = term ? await search(deps.db, signedIn.operator.grants, term) : [];
    const [only] = found;
    if (found.length === 1 && only) {
      return { kind: 'redirect', to: pathOf(only) };
    }
    return {
      kind: 'page',
      page: renderSearch({ typed: term?.raw ?? '', found, most: MOST_FOUND }, language),
    };
  },

  async listPayments(deps, call) {
    const { query, scope, language, signedIn } = call;
    const read = await readFilter(deps.db, query, scope, deps.clock.now(), PAYMENT_STATUSES);
    const after = query.get('after') ?? undefined;
    const filter = filterOf(read);
    const isListed = read.problem === undefined;
    const [filterView, page, sums] = await Promise.all([
      viewFilter(deps, 'payments', read, scope),
      isListed ? listPayments(deps.db, filter, after) : { payments: [], next: undefined },
      isListed && read.period && isSummed(read)
        ? sumPayments(deps.db, { ...filter, period: read.period })
        : undefined,
    ]);
    const view = {
      ...page,
      filter: filterView,
      problem: read.problem,
      isFirst: after === undefined,
      sums: sums ?? (read.days === undefined ? 'none' : 'long'),
      exportId: mayExport(signedIn, read) ? randomAlphanumerics(EXPORT_NAME_LENGTH) : undefined,
    } as const;
    return { kind: 'page', status: isListed ? 200 : 400, page: renderPaymentList(view, language) };
  },

  async exportPayments(deps, call) {
    const { query, scope, actor, language } = call;
    const read = await readFilter(deps.db, query, scope, deps.clock.now(), PAYMENT_STATUSES);
    if (read.problem) {
      throw new DomainError('invalid_request', paymentsTexts(language).problems[read.problem]);
    }
    const charset = charsetOf(query);
    const name = exportNameOf(query) ?? randomAlphanumerics(EXPORT_NAME_LENGTH);
    const progress = beginExport(actor.id, name);
    try {
      await recordExport(deps, call, { name, charset, form: read.form });
      const content = streamCsv(deps, filterOf(read), charset, progress);
      return { kind: 'file', type: `text/csv; charset=${charset}`, content, fileName: fileNameOf(read.form) };
    } catch (error) {
      progress.state = 'failed';
      throw error;
    }
  },

  showExportProgress(_, { query, actor }) {
    const name = exportNameOf(query);
    const found = name === undefined ? undefined : findExport(actor.id, name);
    if (!found) {
      throw notFound();
    }
    return { kind: 'json', json: { rows: found.rows, state: found.state } };
  },

  async listRefunds(deps, { query, scope, language }) {
    const read = await readFilter(deps.db, query, scope, deps.clock.now(), REFUND_STATUSES);
    const after = query.get('after') ?? undefined;
    const isListed = read.problem === undefined;
    const filter = { scope: read.scope, status: refundStatusOf(read.form), period: read.period };
    const [filterView, page] = await Promise.all([
      viewFilter(deps, 'refunds', read, scope),
      isListed ? listRefunds(deps.db, filter, after) : { refunds: [], next: undefined },
    ]);
    const view = { ...page, filter: filterView, problem: read.problem, isFirst: after === undefined };
    return { kind: 'page', status: isListed ? 200 : 400, page: renderRefundList(view, language) };
  },
};

function filterOf({ scope, form, period }: ReadFilter) {
  return { scope, status: paymentStatusOf(form), method: methodOf(form), period };
}

/** Whether the operator may export the chosen shop; without one, whether there is any that they may export. */
function mayExport({ operator }: SignedIn, { form }: ReadFilter): boolean {
  const scope = scopeOf(operator.grants, ROUTES.exportPayments.rule.permission);
  return scope !== undefined && !isEmpty(narrowTo(scope, form));
}

function isSummed({ days }: ReadFilter): boolean {
  return days !== undefined && days <= SUMMED_DAYS;
}

async function viewFilter(
  { db, clock }: ConsoleDeps,
  list: FilterView['list'],
  { form, timeZone }: ReadFilter,
  scope: OperatorScope,
): Promise<FilterView> {
  const shops = await listShops(db, scope, MAX_SHOPS + 1);
  return {
    list,
    form,
    timeZone,
    today: localDayOf(clock.now(), timeZone),
    hasMoreShops: shops.length > MAX_SHOPS,
    shops: shops.slice(0, MAX_SHOPS).map(({ merchantId, merchantName, storeId, storeName }) => ({
      value: shopValue(merchantId, storeId),
      label: storeName === undefined ? merchantName : `${merchantName} › ${storeName}`,
    })),
  };
}
