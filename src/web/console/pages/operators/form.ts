/**
 * The rows in which grants are entered: role, merchant, store, and the maximum of a refund. Without script there are always some empty
 * rows at the end.
 */
import type { Grant } from '../../../../domain/operators/grants.ts';
import { ROLES } from '../../../../domain/operators/roles.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { input, select } from '../../components/forms.ts';
import type { Language } from '../../texts/language.ts';
import { operatorTexts } from '../../texts/operators.ts';
import { roleTexts } from '../../texts/roles.ts';

/** One row as it was entered. */
export interface GrantRow {
  readonly role: string;
  readonly merchant: string;
  readonly store: string;
  readonly maxRefund: string;
}

const EMPTY: GrantRow = { role: '', merchant: '', store: '', maxRefund: '' };
/** Rows that a form shows at most. */
const MAX_ROWS = 52;

export function rowsOfGrants(grants: readonly Grant[]): GrantRow[] {
  return grants.map(({ role, merchantId, storeId, maxRefundAmount }) => ({
    role,
    merchant: merchantId ?? '',
    store: storeId ?? '',
    maxRefund: maxRefundAmount === undefined ? '' : String(maxRefundAmount),
  }));
}

/** The rows of a form that was refused. */
export function rowsOfForm(form: URLSearchParams): GrantRow[] {
  const value = (name: string, row: number) => form.get(`${name}_${row}`) ?? '';
  const rows = Array.from({ length: MAX_ROWS }, (_, row) => ({
    role: value('role', row),
    merchant: value('merchant', row),
    store: value('store', row),
    maxRefund: value('max_refund', row),
  }));
  return rows.filter((row) => Object.values(row).some((entered) => entered !== ''));
}

export function grantFields(rows: readonly GrantRow[], emptyRows: number, language: Language): Html {
  const texts = operatorTexts(language);
  const roles = roleTexts(language);
  const shown = [...rows, ...Array.from({ length: emptyRows }, () => EMPTY)].slice(0, MAX_ROWS);
  const options = [
    { value: '', label: texts.noRole },
    ...ROLES.map((role) => ({ value: role, label: roles.names[role] })),
  ];
  const meanings = ROLES.map(
    (role) => html`<li><strong>${roles.names[role]}</strong> · ${roles.meanings[role]}</li>`,
  );
  return html`<ul class="grants">${meanings}</ul>
${shown.map(
  (
    row,
    index,
  ) => html`<fieldset class="grant"><legend>${texts.roleNumber(index + 1)}</legend><div class="fields">
${select({ name: `role_${index}`, label: texts.role, value: row.role, options })}
${input({ name: `merchant_${index}`, label: texts.merchant, hint: texts.merchantHint, value: row.merchant, maxLength: 255 })}
${input({ name: `store_${index}`, label: texts.store, hint: texts.storeHint, value: row.store, maxLength: 255 })}
${input({
  name: `max_refund_${index}`,
  label: texts.maxRefund,
  hint: texts.maxRefundHint,
  value: row.maxRefund,
  inputMode: 'numeric',
  maxLength: 11,
})}
</div></fieldset>`,
)}`;
}
