/**
 * Webhook endpoints of merchants, and the deliveries to them.
 */
import { mayChangeEndpoint } from '../../domain/operators/endpoint-scope.ts';
import { isInScope } from '../../domain/operators/grants.ts';
import {
  changeEndpoint,
  listEndpoints,
  showEndpoint,
} from '../../services/operator/webhooks/endpoints-in-scope.ts';
import { redeliver, showDelivery } from '../../services/operator/webhooks/show-delivery.ts';
import { renderDelivery } from '../../web/console/pages/endpoints/delivery.ts';
import { renderEndpoints } from '../../web/console/pages/endpoints/list.ts';
import { renderEndpoint } from '../../web/console/pages/endpoints/show.ts';
import { endpointTexts } from '../../web/console/texts/gateway/endpoints.ts';
import { whereMay, wordOf } from '../acts/may.ts';
import { type RefusedAct, runAct } from '../acts/run-act.ts';
import type { Answer, Call, ConsoleDeps, Handlers } from '../call.ts';
import { field } from '../forms.ts';
import { notFound } from '../refusals.ts';

export const endpointsHandlers: Pick<
  Handlers,
  'listEndpoints' | 'showEndpoint' | 'pauseEndpoint' | 'enableEndpoint' | 'showDelivery' | 'redeliver'
> = {
  async listEndpoints(deps, { query, scope, language }) {
    const filter = {
      merchant: field(query, 'merchant'),
      status: wordOf(endpointTexts(language).statuses, query.get('status')),
    };
    const after = field(query, 'after');
    const endpoints = await listEndpoints(deps, scope, {
      merchantId: filter.merchant,
      status: filter.status,
      after,
    });
    return {
      kind: 'page',
      page: renderEndpoints({ endpoints, filter, isFirst: after === undefined }, language),
    };
  },

  showEndpoint: (deps, call) => endpointPage(deps, call),
  pauseEndpoint: (deps, call) => act(deps, call, 'pause'),
  enableEndpoint: (deps, call) => act(deps, call, 'enable'),
  showDelivery: (deps, call) => deliveryPage(deps, call),

  redeliver: (deps, call) =>
    runAct(call, {
      problems: endpointTexts(call.language).problems,
      async run(by) {
        const { deliveryId } = call.params;
        await redeliver(deps, by, call.scope, deliveryId);
        return { kind: 'redirect', to: `/deliveries/${deliveryId}?done=redelivered` };
      },
      refuse: (refused) => deliveryPage(deps, call, refused),
    }),
};

function act(
  deps: ConsoleDeps,
  call: Call<'pauseEndpoint'> | Call<'enableEndpoint'>,
  name: 'pause' | 'enable',
): Promise<Answer> {
  const { endpointId } = call.params;
  return runAct(call, {
    problems: endpointTexts(call.language).problems,
    async run(by) {
      await changeEndpoint(deps, by, call.scope, { endpointId, act: name });
      return { kind: 'redirect', to: `/endpoints/${endpointId}?done=${name}d` };
    },
    refuse: (refused) => endpointPage(deps, call, { ...refused, act: name }),
  });
}

async function endpointPage(
  deps: ConsoleDeps,
  call: Call<'showEndpoint'> | Call<'pauseEndpoint'> | Call<'enableEndpoint'>,
  refused?: RefusedAct & { readonly act: 'pause' | 'enable' },
): Promise<Answer> {
  const { params, query, signedIn, language } = call;
  const texts = endpointTexts(language);
  const status = wordOf(texts.deliveryStatuses, query.get('status'));
  const after = field(query, 'after');
  const details = await showEndpoint(deps, whereMay(signedIn, 'endpoints:read'), params.endpointId, {
    status,
    after,
  });
  if (!details) {
    throw notFound();
  }
  const view = {
    ...details,
    mayChange: mayChangeEndpoint(whereMay(signedIn, 'endpoints:change'), details.endpoint),
    status,
    isFirst: after === undefined,
    done: wordOf(texts.done, query.get('done')),
    refused,
  };
  return { kind: 'page', page: renderEndpoint(view, language) };
}

async function deliveryPage(
  deps: ConsoleDeps,
  { params, query, signedIn, language }: Call<'showDelivery'> | Call<'redeliver'>,
  refused?: RefusedAct,
): Promise<Answer> {
  const details = await showDelivery(deps, whereMay(signedIn, 'endpoints:read'), params.deliveryId);
  if (!details) {
    throw notFound();
  }
  const view = {
    ...details,
    mayRedeliver:
      details.endpoint !== undefined && isInScope(whereMay(signedIn, 'deliveries:redeliver'), details),
    done: wordOf(endpointTexts(language).done, query.get('done')),
    refused,
  };
  return { kind: 'page', page: renderDelivery(view, language) };
}
