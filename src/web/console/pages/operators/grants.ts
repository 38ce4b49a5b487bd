/**
 * Grants in words: a role, and where.
 */
import type { Grant } from '../../../../domain/operators/grants.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { money } from '../../components/basics.ts';
import type { Language } from '../../texts/language.ts';
import { roleTexts } from '../../texts/roles.ts';

/** Limits of refunds are in the currency of the provider. */
const LIMIT_CURRENCY = 'JPY';

export function grantList(grants: readonly Grant[], language: Language): Html {
  return html`<ul class="grants">${grants.map((grant) => html`<li>${grantText(grant, language)}</li>`)}</ul>`;
}

function grantText({ role, merchantId, storeId, maxRefundAmount }: Grant, language: Language): Html {
  const texts = roleTexts(language);
  const where =
    merchantId === undefined ? texts.everywhere : [merchantId, storeId].filter(Boolean).join(' / ');
  return html`<strong>${texts.names[role]}</strong> · ${where}${
    maxRefundAmount !== undefined &&
    html` · ${texts.upTo} ${money(maxRefundAmount, LIMIT_CURRENCY, language)}`
  }`;
}
