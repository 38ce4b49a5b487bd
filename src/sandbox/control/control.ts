/**
 * `/_control/*`: the HTTP interface for testers to everything the sandbox simulates. The programmatic interface in
 * sandbox-api.ts offers the same. There is no authentication, because the sandbox listens on loopback by default and
 * moves no money; local-requests.ts refuses requests from other web sites, and other machines more than a payer needs.
 */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { BEHAVIOUR_CHOICES, DEFAULT_BEHAVIOUR, type SandboxBehaviour } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import { MAGIC_AMOUNTS } from '../faults/magic-amounts.ts';
import type { PayerRequest, PayerResult } from '../payers/payer.ts';
import type { Sandbox } from '../sandbox-api.ts';
import { addFaultRoutes } from './faults.ts';
import {
  ControlError,
  type ControlInput,
  controlRequests,
  getInput,
  invalid,
  readFlag,
  readNumber,
  readText,
  reply,
} from './input.ts';
import type { Notices } from './notices.ts';
import { addPaymentRoutes, readPaymentSelector } from './payments.ts';
import { toSnakeName } from './snake-case.ts';
import { addWebhookRoutes } from './webhooks.ts';

/** The sandbox without its listener, as the control interface and the pages see it. */
export type ControlledSandbox = Omit<Sandbox, 'url' | 'port' | 'close'>;

export interface ControlAccess {
  /** Middleware that refuses requests that may not use the control interface. */
  readonly guard: Middleware;
  readonly notices: Notices;
  /** Whether the webhook URL may be set to another machine. */
  readonly allowsRemoteWebhooks: boolean;
}

/** Creates the routes of the control interface. */
export function createControlRouter(sandbox: ControlledSandbox, access: ControlAccess): Router {
  const router = new Router({ prefix: '/_control' });
  router.use(access.guard, controlRequests(access.notices));
  router.post('/pay', (ctx) => pay(sandbox, ctx));
  router.post('/decline', async (ctx) => {
    refuseTesterFields(ctx, getInput(ctx));
    replyPayer(ctx, await sandbox.decline(readPayerRequest(getInput(ctx))));
  });
  router.get('/calls', (ctx) => reply(ctx, { calls: sandbox.calls() }));
  router.get('/clock', (ctx) => replyClock(sandbox, ctx));
  router.post('/clock', (ctx) => moveClock(sandbox, ctx));
  router.get('/behaviour', (ctx) => reply(ctx, { behaviour: sandbox.behaviour }));
  router.get('/magic_amounts', (ctx) => listMagicAmounts(sandbox, ctx));
  router.post('/behaviour', (ctx) => changeBehaviour(sandbox, ctx));
  router.post('/reset', async (ctx) => {
    await sandbox.reset();
    reply(ctx, { message: 'Payments, faults, webhooks, calls and the clock were reset.' });
  });
  addPaymentRoutes(router, sandbox);
  addFaultRoutes(router, sandbox.faults);
  addWebhookRoutes(router, sandbox.webhooks, access.allowsRemoteWebhooks);
  return router;
}

async function pay(sandbox: ControlledSandbox, ctx: Context): Promise<void> {
  const input = getInput(ctx);
  refuseTesterFields(ctx, input);
  const request = readPayerRequest(input);
  const first = await sandbox.pay(request);
  replyPayer(ctx, first);
  if (readFlag(input, 'twice')) {
    const second = await sandbox.pay(request);
    const message = second.isAccepted
      ? 'Paid twice: the money was taken twice.'
      : `Second time: ${second.message}`;
    ctx.body = { ...(ctx.body as object), message };
  }
}

/** On another machine are payers, who cannot move the clock, nor pay a code that is over. */
function refuseTesterFields(ctx: Context, input: ControlInput): void {
  const name = ['seconds_from_expiry', 'force', 'twice'].find((field) => input[field] !== undefined);
  if (ctx.state['isRemote'] === true && name !== undefined) {
    throw new ControlError(403, 'forbidden', `${name} can be used only on the machine of the sandbox.`);
  }
}

function readPayerRequest(input: ControlInput): PayerRequest {
  const secondsFromExpiry = readNumber(input, 'seconds_from_expiry');
  return {
    ...readPaymentSelector(input),
    ...(secondsFromExpiry !== undefined && { secondsFromExpiry }),
    force: readFlag(input, 'force'),
  };
}

function replyPayer(ctx: Context, result: PayerResult): void {
  if (!result.isAccepted) {
    const status = result.reason === 'code_not_found' ? 404 : 409;
    throw new ControlError(status, result.reason, result.message);
  }
  reply(ctx, { status: result.payment.status, message: describe(result.payment), payment: result.payment });
}

function describe(payment: Payment): string {
  if (payment.status === 'COMPLETED') {
    return 'Paid.';
  }
  return payment.moneyReturned > 0
    ? 'Paid and immediately returned, because the merchant had cancelled this payment.'
    : 'Declined. The payment has failed and no money was taken.';
}

function replyClock(sandbox: ControlledSandbox, ctx: Context): void {
  const now = sandbox.clock.now().toISOString();
  reply(ctx, {
    now,
    offsetSeconds: sandbox.clock.offsetMs() / 1000,
    message: `The sandbox's time is ${now}.`,
  });
}

/** Responds once everything that the move made due has been done, including in a gateway that shares this clock. */
async function moveClock(sandbox: ControlledSandbox, ctx: Context): Promise<void> {
  const input = getInput(ctx);
  const seconds = readNumber(input, 'advance_seconds');
  const moment = readText(input, 'now');
  if (readFlag(input, 'reset')) {
    sandbox.clock.reset();
  } else if (seconds !== undefined) {
    sandbox.clock.advance(seconds * 1000);
  } else if (moment !== undefined) {
    const at = new Date(moment);
    if (Number.isNaN(at.getTime())) {
      throw invalid('now', 'a time such as 2026-01-01T00:14:59+09:00');
    }
    sandbox.clock.set(at);
  } else {
    throw new ControlError(400, 'invalid_request', 'Send advance_seconds, now (a time), or reset: true.');
  }
  await sandbox.clock.idle();
  replyClock(sandbox, ctx);
}

function listMagicAmounts({ behaviour }: ControlledSandbox, ctx: Context): void {
  const magicAmounts = MAGIC_AMOUNTS.map(({ amount, name, outcome }) => ({ amount, name, outcome }));
  reply(ctx, { isOn: behaviour.magicAmounts, magicAmounts });
}

function changeBehaviour(sandbox: ControlledSandbox, ctx: Context): void {
  const names = Object.keys(DEFAULT_BEHAVIOUR) as (keyof SandboxBehaviour)[];
  const switches = new Map(names.map((name) => [toSnakeName(name), name]));
  const changes: Partial<Record<keyof SandboxBehaviour, unknown>> = {};
  const { return_to: _, ...input } = getInput(ctx);
  for (const [wireName, given] of Object.entries(input)) {
    const name = switches.get(wireName);
    if (name === undefined) {
      const message = `There is no switch ${wireName}. The switches are ${[...switches.keys()].join(', ')}.`;
      throw new ControlError(400, 'invalid_request', message);
    }
    const value = readSwitch(name, given);
    checkSwitch(wireName, name, value);
    changes[name] = value;
  }
  Object.assign(sandbox.behaviour, changes);
  reply(ctx, { message: 'The behaviour was changed.', behaviour: sandbox.behaviour });
}

/** Converts the text that a form sends for a boolean. */
function readSwitch(name: keyof SandboxBehaviour, given: unknown): unknown {
  const isFlag = typeof DEFAULT_BEHAVIOUR[name] === 'boolean';
  return isFlag && (given === 'true' || given === 'false') ? given === 'true' : given;
}

function checkSwitch(wireName: string, name: keyof SandboxBehaviour, value: unknown): void {
  const choices: readonly unknown[] | undefined = BEHAVIOUR_CHOICES[name];
  if (choices && !choices.includes(value)) {
    throw invalid(wireName, `one of ${choices.join(', ')}`);
  }
  const expected = typeof DEFAULT_BEHAVIOUR[name];
  if (typeof value !== expected || (typeof value === 'number' && value < 0)) {
    throw invalid(wireName, expected === 'number' ? 'a number, at least 0' : 'true or false');
  }
}
