/**
 * Merchants and their stores, as the upstream system syncs them.
 */
import { invalidField } from '../../domain/errors.ts';
import { clearMerchantLimit, setMerchantLimit } from '../../services/operator/change-merchant-limits.ts';
import { listMerchants } from '../../services/operator/merchants/list-merchants.ts';
import { showMerchant } from '../../services/operator/merchants/show-merchant.ts';
import { renderMerchants } from '../../web/console/pages/merchants/list.ts';
import { renderMerchant } from '../../web/console/pages/merchants/show.ts';
import { merchantTexts } from '../../web/console/texts/gateway/merchants.ts';
import { wordOf } from '../acts/may.ts';
import { type RefusedAct, runAct } from '../acts/run-act.ts';
import type { Answer, Call, ConsoleDeps, Handlers } from '../call.ts';
import { field } from '../forms.ts';
import { notFound } from '../refusals.ts';
import { mayUse } from '../render.ts';
import { ROUTES } from '../routes.ts';

export const merchantsHandlers: Pick<Handlers, 'listMerchants' | 'showMerchant' | 'setMerchantLimit'> = {
  async listMerchants(deps, { query, scope, language }) {
    const search = field(query, 'q');
    const after = field(query, 'after');
    const merchants = await listMerchants(deps, scope, { search, after });
    const page = renderMerchants({ merchants, search, isFirst: after === undefined }, language);
    return { kind: 'page', page };
  },

  showMerchant: (deps, call) => merchantPage(deps, call, undefined),

  setMerchantLimit: (deps, call) =>
    runAct(call, {
      async run(by) {
        const { merchantId } = call.params;
        const perMinute = readLimit(call);
        const before = (await showMerchant(deps, call.scope, merchantId, undefined))?.merchant;
        if (perMinute !== undefined) {
          await setMerchantLimit(deps, by, merchantId, perMinute);
        } else if (before?.requestsPerMinute !== undefined) {
          await clearMerchantLimit(deps, by, merchantId);
        }
        return { kind: 'redirect', to: `/merchants/${encodeURIComponent(merchantId)}?done=limit` };
      },
      refuse: (refused) => merchantPage(deps, call, refused),
    }),
};

async function merchantPage(
  deps: ConsoleDeps,
  { params, query, scope, signedIn, language }: Call<'showMerchant' | 'setMerchantLimit'>,
  refused: RefusedAct | undefined,
): Promise<Answer> {
  const storesAfter = field(query, 'stores');
  const details = await showMerchant(deps, scope, params.merchantId, storesAfter);
  if (!details) {
    throw notFound();
  }
  const view = {
    ...details,
    isFirstStores: storesAfter === undefined,
    may: {
      keys: mayUse(signedIn, ROUTES.listKeys.rule),
      endpoints: mayUse(signedIn, ROUTES.listEndpoints.rule),
      limit: mayUse(signedIn, ROUTES.setMerchantLimit.rule),
      audit: mayUse(signedIn, ROUTES.listAudit.rule),
    },
    done: wordOf(merchantTexts(language).done, query.get('done')),
    refused: refused && { ...refused, perMinute: refused.form.get('per_minute') ?? '' },
  };
  return { kind: 'page', page: renderMerchant(view, language) };
}

/** Undefined: the default. */
function readLimit({ form, language }: Call<'setMerchantLimit'>): number | undefined {
  const text = field(form, 'per_minute');
  if (text !== undefined && !/^\d{1,9}$/.test(text)) {
    throw invalidField('per_minute', 'pattern', merchantTexts(language).limitFault);
  }
  return text === undefined ? undefined : Number(text);
}
