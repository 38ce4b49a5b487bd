/**
 * `/_control/webhooks`: lists, delivers, copies and forges webhooks, changes their settings, and sets delivery faults.
 */
import type Router from '@koa/router';
import type { Context } from 'koa';
import { isLoopback, parseUrl } from '../local-requests.ts';
import type { DeliveryFault, WebhookController } from '../webhooks/webhooks.ts';
import {
  ControlError,
  type ControlInput,
  getInput,
  invalid,
  readChoice,
  readFlag,
  readFrequency,
  readNumber,
  readText,
  reply,
} from './input.ts';

export const DELIVERY_FAULT_KINDS: readonly DeliveryFault['kind'][] = [
  'drop',
  'delay',
  'duplicate',
  'reorder',
];

/** Adds the routes to the control interface. */
export function addWebhookRoutes(
  router: Router,
  webhooks: WebhookController,
  allowsRemoteWebhooks: boolean,
): void {
  router.get('/webhooks', (ctx) => replyWebhooks(ctx, webhooks));
  router.post('/webhooks', (ctx) => {
    changeSettings(webhooks, getInput(ctx), allowsRemoteWebhooks);
    replyWebhooks(ctx, webhooks, 'The settings were changed.');
  });
  router.post('/webhooks/games', (ctx) => {
    webhooks.deliveryFaults.add(readDeliveryFault(getInput(ctx)));
    replyWebhooks(ctx, webhooks, 'The delivery fault is set.');
  });
  router.post('/webhooks/games/clear', (ctx) => {
    webhooks.deliveryFaults.clear();
    replyWebhooks(ctx, webhooks, 'No delivery faults are set.');
  });
  router.post('/webhooks/forge', async (ctx) => {
    const input = getInput(ctx);
    if (input['payload'] === undefined) {
      throw invalid('payload', 'the JSON or text to send in the name of PayPay');
    }
    const webhook = await webhooks.forge(input['payload'], { isSigned: readFlag(input, 'is_signed') });
    reply(ctx, { message: `Status of the forged webhook: ${webhook.status}.`, webhook });
  });
  router.post('/webhooks/:id/:action', (ctx) => runAction(webhooks, ctx, ctx.params));
}

async function runAction(
  webhooks: WebhookController,
  ctx: Context,
  params: Record<string, string>,
): Promise<void> {
  const { id = '', action } = params;
  if (!webhooks.list().some((webhook) => webhook.id === id)) {
    throw new ControlError(404, 'webhook_not_found', 'No such webhook. GET /_control/webhooks lists them.');
  }
  switch (action) {
    case 'deliver': {
      const webhook = await webhooks.deliver(id);
      return reply(ctx, { message: `Status of the webhook: ${webhook.status}.`, webhook });
    }
    case 'drop':
      return reply(ctx, { message: 'The webhook was dropped.', webhook: webhooks.drop(id) });
    case 'duplicate':
      return reply(ctx, { message: 'The webhook was copied.', webhook: webhooks.duplicate(id) });
    default:
      throw new ControlError(404, 'action_not_found', 'The actions are deliver, drop and duplicate.');
  }
}

function replyWebhooks(ctx: Context, webhooks: WebhookController, message?: string): void {
  const { url, mode, profile, secret } = webhooks;
  reply(ctx, {
    ...(message !== undefined && { message }),
    settings: { url: url ?? null, mode, profile, isSigned: secret !== undefined },
    games: presentDeliveryFaults(webhooks),
    webhooks: webhooks.list(),
  });
}

function changeSettings(
  webhooks: WebhookController,
  input: ControlInput,
  allowsRemoteWebhooks: boolean,
): void {
  const url = readText(input, 'url');
  if (url !== undefined) {
    checkAddress(url, allowsRemoteWebhooks);
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

/** Otherwise anybody with access to the control interface could send requests into other networks. */
function checkAddress(address: string, allowsRemote: boolean): void {
  const url = parseUrl(address);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid('url', 'an address that starts with http:// or https://');
  }
  if (!allowsRemote && !isLoopback(url.hostname)) {
    throw invalid(
      'url',
      'an address of this machine, such as http://127.0.0.1:8080/v1/webhooks/paypay. For other addresses, start the sandbox with --webhook-url or --allow-remote-webhooks',
    );
  }
}

// On the wire, delivery faults are called games: /webhooks/games, `games`, and `game` for the kind. These names are kept
// for compatibility; everything else in the sandbox says delivery fault.

function presentDeliveryFaults(webhooks: WebhookController): object[] {
  return webhooks.deliveryFaults.list().map(({ kind, ...rest }) => ({ game: kind, ...rest }));
}

function readDeliveryFault(input: ControlInput): DeliveryFault {
  const kind = readChoice(input, 'game', DELIVERY_FAULT_KINDS);
  if (kind === undefined) {
    throw invalid('game', `one of ${DELIVERY_FAULT_KINDS.join(', ')}`);
  }
  const delayMs = readNumber(input, 'delay_ms');
  return { kind, ...readFrequency(input), ...(delayMs !== undefined && { delayMs }) };
}
