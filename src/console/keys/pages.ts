/**
 * The pages of API keys, also when a form of theirs was refused.
 */
import { storesInScope } from '../../domain/operators/shops.ts';
import { findKey, type KeyFilter, listKeys } from '../../services/operator/keys/list-keys.ts';
import { fieldsOf, type KeyFields, NO_FIELDS } from '../../web/console/pages/keys/fields.ts';
import { type NewKeyForm, renderKeys } from '../../web/console/pages/keys/list.ts';
import { type KeyView, renderKey } from '../../web/console/pages/keys/show.ts';
import { keyTexts } from '../../web/console/texts/gateway/keys.ts';
import { whereMay, wordOf } from '../acts/may.ts';
import type { RefusedAct } from '../acts/run-act.ts';
import type { Answer, Call, ConsoleDeps } from '../call.ts';
import { field } from '../forms.ts';
import { notFound } from '../refusals.ts';

const STATES = { working: true, ended: true } as const;

type ListCall = Call<'listKeys'> | Call<'createKey'>;
type KeyCall = Call<'showKey'> | Call<'updateKey'> | Call<'rotateKey'> | Call<'revokeKey'>;

export async function keysPage(deps: ConsoleDeps, call: ListCall, refused?: RefusedAct): Promise<Answer> {
  const { query, signedIn, language } = call;
  const filter: KeyFilter = {
    merchantId: field(query, 'merchant'),
    state: wordOf(STATES, query.get('state')),
    after: field(query, 'after'),
  };
  const view = {
    keys: await listKeys(deps, whereMay(signedIn, 'keys:read'), filter),
    filter: { merchant: filter.merchantId, state: filter.state },
    isFirst: filter.after === undefined,
    now: deps.clock.now(),
    newKey: newKeyForm(call, refused),
  };
  return { kind: 'page', page: renderKeys(view, language) };
}

function newKeyForm({ signedIn, query }: ListCall, refused: RefusedAct | undefined): NewKeyForm | undefined {
  const scope = whereMay(signedIn, 'keys:change');
  if (scope.kind === 'shops' && scope.shops.length === 0) {
    return undefined;
  }
  const form = refused?.form;
  const stores = scope.kind === 'shops' ? scope.shops.flatMap(({ storeId }) => storeId ?? []) : [];
  const isOnlyStores = scope.kind === 'shops' && scope.shops.every(({ storeId }) => storeId !== undefined);
  return {
    fields: form ? enteredFields(form) : { ...NO_FIELDS, ...(isOnlyStores && { stores: stores.join(', ') }) },
    kind: form?.get('kind') ?? 'merchant',
    merchant: form?.get('merchant') ?? query.get('merchant') ?? '',
    upstream: form?.get('upstream') ?? '',
    merchants:
      scope.kind === 'shops' ? [...new Set(scope.shops.map(({ merchantId }) => merchantId))] : undefined,
    ownStores: isOnlyStores ? stores : undefined,
    refused,
  };
}

export async function keyPage(
  deps: ConsoleDeps,
  { params, query, signedIn, language }: KeyCall,
  refused?: RefusedAct & { readonly act: 'update' | 'rotate' | 'revoke' },
): Promise<Answer> {
  const key = await findKey(deps, whereMay(signedIn, 'keys:read'), params.apiKey);
  if (!key) {
    throw notFound();
  }
  const changeable = whereMay(signedIn, 'keys:change');
  const view: KeyView = {
    key,
    now: deps.clock.now(),
    fields: refused?.act === 'update' ? enteredFields(refused.form) : fieldsOf(key),
    mayChange: (await findKey(deps, changeable, params.apiKey)) !== undefined,
    ownStores: key.merchantId === undefined ? undefined : storesInScope(changeable, key.merchantId),
    done: wordOf(keyTexts(language).done, query.get('done')),
    refused,
  };
  return { kind: 'page', page: renderKey(view, language) };
}

function enteredFields(form: URLSearchParams): KeyFields {
  return {
    label: form.get('label') ?? '',
    scopes: form.getAll('scopes'),
    stores: form.get('stores') ?? '',
    addresses: form.get('addresses') ?? '',
    end: form.get('end') ?? '',
    maxRefund: form.get('max_refund') ?? '',
  };
}
