/**
 * Reports: the figures of days.
 */
import type { Client } from 'openapi-fetch';
import type { components, operations, paths } from '../../generated/openapi.d.ts';
import { dataOf, signalOf } from './calls.ts';
import type { CallOptions } from './options.ts';

export type DailyReportQuery = operations['reportDaily']['parameters']['query'];

export interface ReportMethods {
  /** What was paid and what was refunded on each day. Days and their time zones are as in the API reference. */
  reportDaily(query: DailyReportQuery, options?: CallOptions): Promise<components['schemas']['DailyReport']>;
}

/** The methods of the client for reports. */
export function reportMethods(api: Client<paths>): ReportMethods {
  return {
    reportDaily: (query, call = {}) =>
      dataOf(api.GET('/v1/reports/daily', { params: { query }, ...signalOf(call) })),
  };
}
