/**
 * The fields of a key's settings, in the form of a new key and of one that exists.
 */
import { localDateTimeOf } from '../../../../lib/date-time.ts';
import { type Html, html } from '../../../../lib/html.ts';
import type { ApiKey, Scope } from '../../../../services/operator/keys/list-keys.ts';
import { TIME_ZONE } from '../../components/basics.ts';
import { input } from '../../components/forms.ts';
import type { keyTexts } from '../../texts/gateway/keys.ts';

type Texts = ReturnType<typeof keyTexts>;

/** What a merchant's key can be allowed; refunds in cash must be chosen on purpose. */
export const MERCHANT_SCOPES = [
  'payments',
  'refunds',
  'refunds:cash',
  'reports',
  'events',
] as const satisfies readonly Scope[];
export const DEFAULT_SCOPES: readonly Scope[] = ['payments', 'refunds', 'events', 'reports'];

/** The fields of a form, as texts. */
export interface KeyFields {
  readonly label: string;
  readonly scopes: readonly string[];
  readonly stores: string;
  readonly addresses: string;
  /** `2026-01-15T19:00` in Japan. */
  readonly end: string;
  readonly maxRefund: string;
}

export const NO_FIELDS: KeyFields = {
  label: '',
  scopes: DEFAULT_SCOPES,
  stores: '',
  addresses: '',
  end: '',
  maxRefund: '',
};

/** The fields with what the key has now. */
export function fieldsOf(key: ApiKey): KeyFields {
  return {
    label: key.label ?? '',
    scopes: key.scopes,
    stores: key.storeIds?.join(', ') ?? '',
    addresses: key.allowedIps?.join(', ') ?? '',
    end: key.plannedExpiresAt ? endText(key.plannedExpiresAt) : '',
    maxRefund: key.maxRefundAmount?.toString() ?? '',
  };
}

/** As the browser's field of a date and time has it. */
export function endText(end: Date): string {
  return localDateTimeOf(end, TIME_ZONE).slice(0, 'YYYY-MM-DD HH:MM'.length).replace(' ', 'T');
}

export interface FieldsView {
  readonly fields: KeyFields;
  /** A sync key has no stores and makes no refunds. */
  readonly isSync: boolean;
  /** The stores that the operator is limited to; undefined: no limit. */
  readonly ownStores: readonly string[] | undefined;
}

export function renderKeyFields({ fields, isSync, ownStores }: FieldsView, texts: Texts): Html {
  const storesHint = ownStores ? texts.ownStores(ownStores.join(', ')) : texts.storesHint;
  return html`${input({ name: 'label', label: texts.label, hint: texts.labelHint, value: fields.label, maxLength: 100 })}
${!isSync && renderScopes(fields.scopes, texts)}
${!isSync && input({ name: 'stores', label: texts.stores, hint: storesHint, value: fields.stores, maxLength: 7_000 })}
${input({ name: 'addresses', label: texts.addresses, hint: texts.addressesHint, value: fields.addresses, maxLength: 2_500 })}
${input({ name: 'end', label: texts.end, hint: texts.endHint, value: fields.end, type: 'datetime-local' })}
${
  !isSync &&
  input({
    name: 'max_refund',
    label: texts.maxRefund,
    hint: texts.maxRefundHint,
    value: fields.maxRefund,
    inputMode: 'numeric',
    maxLength: 11,
  })
}`;
}

function renderScopes(chosen: readonly string[], texts: Texts): Html {
  return html`<fieldset class="field checks"><legend>${texts.scopes}</legend>${MERCHANT_SCOPES.map(
    (scope) =>
      html`<label><input type="checkbox" name="scopes" value="${scope}"${chosen.includes(scope) && html` checked`}> ${texts.scopeNames[scope]}</label>`,
  )}</fieldset>`;
}
