/** `/_control/webhooks`: what was sent, where it goes, and the games that are played with it. */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { DeliveryFault, WebhookController } from '../webhooks/webhooks.ts';
import {
  ControlFault,
  type ControlInput,
  getInput,
  invalid,
  readChoice,
  readFlag,
  readNumber,
  readTerms,
  readText,
  reply,
} from './input.ts';

/** Every game. */
export const DELIVERY_FAULTS: readonly DeliveryFault['game'][] = ['drop', 'delay', 'duplicate', 'reorder'];

/** Adds the routes to the control interface. */
export function addWebhookRoutes(router: Router, webhooks: WebhookController): void {
  router.get('/webhooks', (ctx) => answerWebhooks(ctx, webhooks));
  router.post('/webhooks', (ctx) => {
    changeSettings(webhooks, getInput(ctx));
    answerWebhooks(ctx, webhooks, 'The settings are changed.');
  });
  router.post('/webhooks/games', (ctx) => {
    webhooks.games.add(readDeliveryFault(getInput(ctx)));
    answerWebhooks(ctx, webhooks, 'The game is on.');
  });
  router.post('/webhooks/games/clear', (ctx) => {
    webhooks.games.clear();
    answerWebhooks(ctx, webhooks, 'Webhooks are sent as they should be.');
  });
  router.post('/webhooks/forge', async (ctx) => {
    const input = getInput(ctx);
    if (input['payload'] === undefined) {
      throw invalid('payload', 'the JSON, or the text, to send as if PayPay had');
    }
    const webhook = await webhooks.forge(input['payload'], { isSigned: readFlag(input, 'is_signed') });
    reply(ctx, { message: `The forged webhook ${webhook.status}.`, webhook });
  });
  router.post('/webhooks/:id/:action', (ctx) => handleOne(webhooks, ctx, ctx.params));
}

async function handleOne(
  webhooks: WebhookController,
  ctx: Context,
  params: Record<string, string>,
): Promise<void> {
  const { id = '', action } = params;
  if (!webhooks.list().some((one) => one.id === id)) {
    throw new ControlFault(404, 'webhook_not_found', 'No such webhook. GET /_control/webhooks lists them.');
  }
  switch (action) {
    case 'deliver': {
      const webhook = await webhooks.deliver(id);
      return reply(ctx, { message: `The webhook is ${webhook.status}.`, webhook });
    }
    case 'drop':
      return reply(ctx, { message: 'The webhook is dropped.', webhook: webhooks.drop(id) });
    case 'duplicate':
      return reply(ctx, { message: 'A copy is under way.', webhook: webhooks.duplicate(id) });
    default:
      throw new ControlFault(404, 'action_not_found', 'A webhook can be sent to deliver, drop or duplicate.');
  }
}

function answerWebhooks(ctx: Context, webhooks: WebhookController, message?: string): void {
  const { url, mode, profile, secret } = webhooks;
  reply(ctx, {
    ...(message !== undefined && { message }),
    settings: { url: url ?? null, mode, profile, isSigned: secret !== undefined },
    games: webhooks.games.list(),
    webhooks: webhooks.list(),
  });
}

function changeSettings(webhooks: WebhookController, input: ControlInput): void {
  const url = readText(input, 'url');
  if (url !== undefined && !/^https?:\/\//.test(url)) {
    throw invalid('url', 'an address that starts with http:// or https://');
  }
  if ('url' in input) {
    webhooks.url = url;
  }
  if ('secret' in input) {
    webhooks.secret = readText(input, 'secret');
  }
  webhooks.mode = readChoice(input, 'mode', ['auto', 'manual']) ?? webhooks.mode;
  webhooks.profile = readChoice(input, 'profile', ['short', 'long']) ?? webhooks.profile;
}

function readDeliveryFault(input: ControlInput): DeliveryFault {
  const game = readChoice(input, 'game', DELIVERY_FAULTS);
  if (game === undefined) {
    throw invalid('game', `one of ${DELIVERY_FAULTS.join(', ')}`);
  }
  const delayMs = readNumber(input, 'delay_ms');
  return { game, ...readTerms(input), ...(delayMs !== undefined && { delayMs }) };
}
