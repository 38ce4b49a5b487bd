/**
 * Tag Reports: a handler unpacks, calls one service, presents.
 */
import { presentDailyReport } from '../../presenters/daily-report.ts';
import { reportDaily } from '../../services/operations/reports/report-daily.ts';
import { requireMerchantId, storesOf } from '../caller.ts';
import type { Handlers } from '../openapi/contract.ts';

export const reportHandlers = {
  async reportDaily({ deps, caller, query }) {
    const report = await reportDaily(deps, {
      merchantId: requireMerchantId(caller),
      storeIds: storesOf(caller),
      merchantStoreId: query.store,
      from: query.from,
      to: query.to,
      groupBy: query.group_by,
    });
    return { status: 200, body: presentDailyReport(report, query) };
  },
} satisfies Partial<Handlers>;
