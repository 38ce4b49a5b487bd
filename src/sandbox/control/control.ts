/**
 * `/_control/*`: everything a tester can do to the simulated world, over HTTP. The programmatic API in sandbox.ts
 * does the same through the same objects. There is no password: the sandbox listens on loopback and moves no money.
 */
import Router from '@koa/router';
import type { Context } from 'koa';
import { BEHAVIOUR_CHOICES, DEFAULT_BEHAVIOUR, type SandboxBehaviour } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import { MAGIC_AMOUNTS } from '../faults/magic-amounts.ts';
import type { PayerRequest, PayerResult } from '../payers/payer.ts';
import type { Sandbox } from '../sandbox-api.ts';
import { addFaultRoutes } from './faults.ts';
import {
  answerControl,
  ControlFault,
  type ControlInput,
  getInput,
  invalid,
  readFlag,
  readNumber,
  readText,
  reply,
} from './input.ts';
import { toSnakeName } from './snake-case.ts';
import { addWebhookRoutes } from './webhooks.ts';

/** What the control interface works on: the sandbox without its life. */
export type ControlledSandbox = Omit<Sandbox, 'url' | 'port' | 'close'>;

/** The routes of the control interface. */
export function createControlRouter(sandbox: ControlledSandbox): Router {
  const router = new Router({ prefix: '/_control' });
  router.use(answerControl);
  router.post('/pay', (ctx) => pay(sandbox, ctx));
  router.post('/decline', async (ctx) =>
    answerPayer(ctx, await sandbox.decline(readPayerRequest(getInput(ctx)))),
  );
  router.get('/payments', (ctx) => listPayments(sandbox, ctx));
  router.get('/calls', (ctx) => reply(ctx, { calls: sandbox.calls() }));
  router.get('/clock', (ctx) => answerClock(sandbox, ctx));
  router.post('/clock', (ctx) => moveClock(sandbox, ctx));
  router.get('/behaviour', (ctx) => reply(ctx, { behaviour: sandbox.behaviour }));
  router.get('/magic_amounts', (ctx) => listMagicAmounts(sandbox, ctx));
  router.post('/behaviour', (ctx) => changeBehaviour(sandbox, ctx));
  router.post('/reset', async (ctx) => {
    await sandbox.reset();
    reply(ctx, { message: 'Payments, faults, webhooks and the clock are as at the start.' });
  });
  addFaultRoutes(router, sandbox.faults);
  addWebhookRoutes(router, sandbox.webhooks);
  return router;
}

async function pay(sandbox: ControlledSandbox, ctx: Context): Promise<void> {
  const input = getInput(ctx);
  const request = readPayerRequest(input);
  const first = await sandbox.pay(request);
  answerPayer(ctx, first);
  if (readFlag(input, 'twice')) {
    const second = await sandbox.pay(request);
    const message = second.isAccepted
      ? 'Paid twice: the money was taken twice.'
      : `Second time: ${second.message}`;
    ctx.body = { ...(ctx.body as object), message };
  }
}

function readPayerRequest(input: ControlInput): PayerRequest {
  const qrContent = readText(input, 'qr_content');
  const merchantPaymentId = readText(input, 'merchant_payment_id');
  const merchantId = readText(input, 'merchant_id');
  const secondsFromExpiry = readNumber(input, 'seconds_from_expiry');
  if ((qrContent === undefined) === (merchantPaymentId === undefined)) {
    const message = 'Send either qr_content (the text in the QR code) or merchant_payment_id.';
    throw new ControlFault(400, 'invalid_request', message);
  }
  return {
    ...(qrContent !== undefined && { qrContent }),
    ...(merchantPaymentId !== undefined && { merchantPaymentId }),
    ...(merchantId !== undefined && { merchantId }),
    ...(secondsFromExpiry !== undefined && { secondsFromExpiry }),
    force: readFlag(input, 'force'),
  };
}

function answerPayer(ctx: Context, result: PayerResult): void {
  if (!result.isAccepted) {
    const status = result.reason === 'code_not_found' ? 404 : 409;
    throw new ControlFault(status, result.reason, result.message);
  }
  reply(ctx, { status: result.payment.status, message: describe(result.payment), payment: result.payment });
}

function describe(payment: Payment): string {
  if (payment.status === 'COMPLETED') {
    return 'Paid.';
  }
  return payment.moneyReturned > 0
    ? 'Paid, and at once given back: the merchant had cancelled this payment.'
    : 'Declined: the payment has failed and no money was taken.';
}

function listPayments(sandbox: ControlledSandbox, ctx: Context): void {
  const wanted = new URLSearchParams(ctx.querystring).get('merchant_payment_id');
  const payments = sandbox.ledger().filter((one) => wanted === null || one.merchantPaymentId === wanted);
  reply(ctx, { payments });
}

function answerClock(sandbox: ControlledSandbox, ctx: Context): void {
  const now = sandbox.clock.now().toISOString();
  reply(ctx, {
    now,
    offsetSeconds: sandbox.clock.offsetMs() / 1000,
    message: `It is ${now} in the sandbox.`,
  });
}

/** Answers when everything has happened that the move made due, also in the gateway that shares this clock. */
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
    throw new ControlFault(400, 'invalid_request', 'Send advance_seconds, now (a time), or reset: true.');
  }
  await sandbox.clock.idle();
  answerClock(sandbox, ctx);
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
  for (const [spelling, given] of Object.entries(input)) {
    const name = switches.get(spelling);
    if (name === undefined) {
      const message = `There is no switch ${spelling}. There are ${[...switches.keys()].join(', ')}.`;
      throw new ControlFault(400, 'invalid_request', message);
    }
    const value = readSwitch(name, given);
    checkSwitch(spelling, name, value);
    changes[name] = value;
  }
  Object.assign(sandbox.behaviour, changes);
  reply(ctx, { message: 'Switched.', behaviour: sandbox.behaviour });
}

/** A form can send texts only. */
function readSwitch(name: keyof SandboxBehaviour, given: unknown): unknown {
  const isFlag = typeof DEFAULT_BEHAVIOUR[name] === 'boolean';
  return isFlag && (given === 'true' || given === 'false') ? given === 'true' : given;
}

function checkSwitch(spelling: string, name: keyof SandboxBehaviour, value: unknown): void {
  const choices: readonly unknown[] | undefined = BEHAVIOUR_CHOICES[name];
  if (choices && !choices.includes(value)) {
    throw invalid(spelling, `one of ${choices.join(', ')}`);
  }
  const expected = typeof DEFAULT_BEHAVIOUR[name];
  if (typeof value !== expected || (typeof value === 'number' && value < 0)) {
    throw invalid(spelling, expected === 'number' ? 'a number, at least 0' : 'true or false');
  }
}
