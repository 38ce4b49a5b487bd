/**
 * A list of payments as a stream of CSV, in UTF-8 or Shift_JIS. It reads on only when the client has taken what was written, and
 * stops when the client goes away.
 */
import { Readable } from 'node:stream';
import iconv from 'iconv-lite';
import type { ServiceDeps } from '../../services/deps.ts';
import { eachListedPayment, type ListFilter } from '../../services/operator/payments/list-payments.ts';
import { type PaymentRow, presentPayment, writeCsv } from '../../services/operator/payments/payment-csv.ts';
import type { Db } from '../../store/db/query.ts';
import { type Export, limitExport } from './exports.ts';

export type Charset = 'utf-8' | 'shift_jis';

const BOM = '\ufeff';
/** What Windows uses under the name Shift_JIS. */
const CP932 = 'cp932';
/** Characters that other systems write for those of CP932 that look the same. */
const ALIKE: Readonly<Record<string, string>> = {
  '〜': '～',
  '−': '－',
  '‖': '∥',
  '—': '―',
  '¢': '￠',
  '£': '￡',
  '¬': '￢',
};
const ALIKE_PATTERN = /[〜−‖—¢£¬]/g;

/** Ends `progress` with the stream, and the stream after an hour. */
export function streamCsv(
  { db, wallClock }: Pick<ServiceDeps, 'db' | 'wallClock'>,
  filter: ListFilter,
  charset: Charset,
  progress: Export,
): Readable {
  const chunks = charset === 'utf-8' ? inUtf8(db, filter, progress) : inShiftJis(db, filter, progress);
  return limitExport(wallClock, Readable.from(chunks, { objectMode: false }), progress);
}

async function* inUtf8(db: Db, filter: ListFilter, progress: Export): AsyncGenerator<Buffer> {
  yield Buffer.from(BOM);
  for await (const text of writeCsv(rowsOf(db, filter, progress))) {
    yield Buffer.from(text);
  }
  progress.state = 'done';
}

/** What CP932 lacks becomes a question mark. */
async function* inShiftJis(db: Db, filter: ListFilter, progress: Export): AsyncGenerator<Buffer> {
  const alike = (text: string) => text.replace(ALIKE_PATTERN, (character) => ALIKE[character] ?? character);
  for await (const text of writeCsv(rowsOf(db, filter, progress), alike)) {
    yield iconv.encode(text, CP932);
  }
  progress.state = 'done';
}

async function* rowsOf(db: Db, filter: ListFilter, progress: Export): AsyncGenerator<PaymentRow> {
  for await (const payment of eachListedPayment(db, filter)) {
    progress.rows += 1;
    yield presentPayment(payment);
  }
}
