/**
 * The record of an export in the audit log, and the names of exports and their files.
 */
import type { Json } from '../../domain/audit/act.ts';
import { recordAct } from '../../services/audit/record-acts.ts';
import { inTransaction } from '../../store/db/query.ts';
import type { FilterForm } from '../../web/console/pages/payments/filter.ts';
import type { Call, ConsoleDeps } from '../call.ts';
import type { Charset } from './csv-stream.ts';

/** Recorded before the first row is read, because what was read cannot be taken back. */
export async function recordExport(
  deps: ConsoleDeps,
  { actor, clientAddress, requestId }: Call<'exportPayments'>,
  { name, charset, form }: { readonly name: string; readonly charset: Charset; readonly form: FilterForm },
): Promise<void> {
  const given = Object.entries(form).filter(([, value]) => value !== '');
  const after: Json = { ...Object.fromEntries(given), charset };
  const [merchantId, storeId] = form.shop === '' ? [] : form.shop.split('/').map(decodeURIComponent);
  await inTransaction(deps.db, (trx) =>
    recordAct(deps, trx, {
      actor,
      type: 'payments.exported',
      objectType: 'payments_export',
      objectId: name,
      merchantId,
      storeId,
      clientAddress,
      requestId,
      after,
    }),
  );
}

export function charsetOf(query: URLSearchParams): Charset {
  return query.get('charset') === 'shift_jis' ? 'shift_jis' : 'utf-8';
}

/** What a page calls its export; undefined when it is no possible name. */
export function exportNameOf(query: URLSearchParams): string | undefined {
  const name = query.get('export') ?? '';
  return /^[A-Za-z0-9]{8,40}$/.test(name) ? name : undefined;
}

/** Such as `payments_merchant_001_store_001_2026-01-15.csv`. */
export function fileNameOf({ shop, status, method, from, to }: FilterForm): string {
  const days = from === to || to === '' || from === '' ? [from || to] : [from, to];
  const parts = ['payments', shop, status, method, ...days].filter((part) => part !== '');
  return `${parts
    .join('_')
    .replaceAll(/[^\w.-]+/g, '_')
    .slice(0, 150)}.csv`;
}
