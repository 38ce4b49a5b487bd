/**
 * The inbox of the provider's webhooks.
 */
import { replayProviderWebhook } from '../../services/operator/inbox/replay-provider-webhook.ts';
import { listInbox, showInboxWebhook } from '../../services/operator/inbox/show-inbox.ts';
import { renderInbox } from '../../web/console/pages/inbox/list.ts';
import { renderInboxWebhook } from '../../web/console/pages/inbox/show.ts';
import { inboxTexts } from '../../web/console/texts/gateway/inbox.ts';
import { wordOf } from '../acts/may.ts';
import { type RefusedAct, runAct } from '../acts/run-act.ts';
import type { Answer, Call, ConsoleDeps, Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';
import { mayUse } from '../render.ts';
import { ROUTES } from '../routes.ts';

export const inboxHandlers: Pick<Handlers, 'listInbox' | 'showInboxWebhook' | 'replayInbox'> = {
  async listInbox(deps, { query, language }) {
    const status = wordOf(inboxTexts(language).statuses, query.get('status'));
    const after = numberOf(query.get('after') ?? '');
    const webhooks = await listInbox(deps, { status, after });
    return { kind: 'page', page: renderInbox({ webhooks, status, isFirst: after === undefined }, language) };
  },

  showInboxWebhook: (deps, call) => inboxPage(deps, call),

  replayInbox: (deps, call) =>
    runAct(call, {
      async run(by) {
        const id = requireNumber(call.params.webhookId);
        await replayProviderWebhook(deps, by, id);
        deps.wake('webhooks');
        return { kind: 'redirect', to: `/inbox/${id}?done=replayed` };
      },
      refuse: (refused) => inboxPage(deps, call, refused),
    }),
};

async function inboxPage(
  deps: ConsoleDeps,
  { params, query, signedIn, language }: Call<'showInboxWebhook'> | Call<'replayInbox'>,
  refused?: RefusedAct,
): Promise<Answer> {
  const details = await showInboxWebhook(deps, requireNumber(params.webhookId));
  if (!details) {
    throw notFound();
  }
  const view = {
    ...details,
    mayReplay: mayUse(signedIn, ROUTES.replayInbox.rule),
    done: wordOf(inboxTexts(language).done, query.get('done')),
    refused,
  };
  return { kind: 'page', page: renderInboxWebhook(view, language) };
}

function requireNumber(text: string): number {
  const id = numberOf(text);
  if (id === undefined) {
    throw notFound();
  }
  return id;
}

function numberOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
