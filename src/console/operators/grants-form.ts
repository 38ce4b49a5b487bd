/**
 * The fields of grants in a form: numbered rows of role, merchant, store and maximum of a refund. A row without a role is left out.
 */
import { invalidField } from '../../domain/errors.ts';
import type { Grant } from '../../domain/operators/grants.ts';
import { isRole } from '../../domain/operators/roles.ts';
import { storableText } from '../../lib/text.ts';
import { field } from '../forms.ts';

/** More rows than a form shows. */
const MAX_ROWS = 60;

/** @throws invalid_request for an unknown role, or a maximum that is no whole number */
export function readGrants(form: URLSearchParams): Grant[] {
  const rows = Array.from({ length: MAX_ROWS }, (_, row) => row);
  return rows.flatMap((row) => readGrant(form, row) ?? []);
}

function readGrant(form: URLSearchParams, row: number): Grant | undefined {
  const role = field(form, `role_${row}`);
  if (role === undefined) {
    return undefined;
  }
  if (!isRole(role)) {
    throw invalidField('role', 'enum', 'There is no such role');
  }
  return {
    role,
    merchantId: storable(field(form, `merchant_${row}`)),
    storeId: storable(field(form, `store_${row}`)),
    maxRefundAmount: readLimit(field(form, `max_refund_${row}`)),
  };
}

function storable(text: string | undefined): string | undefined {
  return text === undefined ? undefined : storableText(text);
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!/^\d{1,11}$/.test(text)) {
    throw invalidField('max_refund', 'type', 'The maximum of a refund must be a whole number');
  }
  return Number(text);
}
