/**
 * `/_control/payments`, `/_control/refunds`, `/_control/console` and `/_control/sales`: the ledger, what the merchant's
 * staff do in PayPay's console, and what happens at PayPay itself.
 */
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { BackOffice, PaymentChange } from '../back-office/back-office.ts';
import type { ConsoleResult, MerchantConsole } from '../back-office/console-actions.ts';
import type { PaymentSelector } from '../core/find-payment.ts';
import type { LedgerEntry } from '../sandbox-api.ts';
import {
  ControlError,
  type ControlInput,
  getInput,
  invalid,
  readChoice,
  readFlag,
  readNumber,
  readText,
  reply,
} from './input.ts';

/** The part of the sandbox that these routes use. */
interface PaymentAccess {
  ledger(): LedgerEntry[];
  readonly merchantConsole: MerchantConsole;
  readonly backOffice: BackOffice;
}

/** Adds the routes to the control interface. */
export function addPaymentRoutes(router: Router, sandbox: PaymentAccess): void {
  const { merchantConsole, backOffice } = sandbox;
  router.get('/payments', (ctx) => reply(ctx, { payments: selectPayments(sandbox, ctx) }));
  router.post('/payments', async (ctx) => {
    replyPayment(ctx, await backOffice.change(readChange(getInput(ctx))), 'The payment was changed.');
  });
  router.get('/refunds', (ctx) => reply(ctx, { refunds: selectPayments(sandbox, ctx).flatMap(toRefunds) }));
  router.post('/refunds/release', async (ctx) => {
    const input = getInput(ctx);
    const merchantRefundId = readText(input, 'merchant_refund_id');
    const selector = readPaymentSelector(input);
    const result = await backOffice.release({ ...selector, ...(merchantRefundId && { merchantRefundId }) });
    replyPayment(ctx, result, 'Nothing is pending any more.');
  });
  router.post('/console/refund', async (ctx) => {
    const input = getInput(ctx);
    const amount = readAmount(input);
    const selector = readPaymentSelector(input);
    const result = await merchantConsole.refund({ ...selector, ...(amount !== undefined && { amount }) });
    replyPayment(ctx, result, "PayPay's console has made the refund.");
  });
  router.post('/console/cancel', async (ctx) => {
    const result = await merchantConsole.cancel(readPaymentSelector(getInput(ctx)));
    replyPayment(ctx, result, "PayPay's console has cancelled the payment.");
  });
  router.get('/sales', (ctx) => reply(ctx, { sales: backOffice.sales() }));
  router.post('/sales/pay_out', async (ctx) => {
    await backOffice.payOut(readText(getInput(ctx), 'merchant_id'));
    reply(ctx, { message: 'The sales were paid out.', sales: backOffice.sales() });
  });
}

/** Reads which payment is meant. @throws ControlError if that is not clear */
export function readPaymentSelector(input: ControlInput): PaymentSelector {
  const qrContent = readText(input, 'qr_content');
  const merchantPaymentId = readText(input, 'merchant_payment_id');
  const merchantId = readText(input, 'merchant_id');
  if ((qrContent === undefined) === (merchantPaymentId === undefined)) {
    const message = 'Send either qr_content (the content of the QR code) or merchant_payment_id.';
    throw new ControlError(400, 'invalid_request', message);
  }
  return {
    ...(qrContent !== undefined && { qrContent }),
    ...(merchantPaymentId !== undefined && { merchantPaymentId }),
    ...(merchantId !== undefined && { merchantId }),
  };
}

function selectPayments(sandbox: PaymentAccess, ctx: Context): LedgerEntry[] {
  const wanted = new URLSearchParams(ctx.querystring).get('merchant_payment_id');
  return sandbox.ledger().filter(({ merchantPaymentId }) => wanted === null || merchantPaymentId === wanted);
}

function toRefunds({ merchantId, merchantPaymentId, paymentId, refunds }: LedgerEntry): object[] {
  return refunds.map((refund) => ({ ...refund, merchantId, merchantPaymentId, paymentId }));
}

function readAmount(input: ControlInput): number | undefined {
  const amount = readNumber(input, 'amount');
  if (amount !== undefined && (!Number.isSafeInteger(amount) || amount < 1)) {
    throw invalid('amount', 'a whole number of yen, at least 1');
  }
  return amount;
}

function readChange(input: ControlInput): PaymentChange {
  const payerState = readChoice(input, 'payer_state', ['active', 'inactive', 'cancelled']);
  const expiry = readText(input, 'voucher_expires_at');
  const voucherExpiresAt = expiry === undefined ? undefined : Date.parse(expiry);
  if (Number.isNaN(voucherExpiresAt)) {
    throw invalid('voucher_expires_at', 'a time such as 2026-01-01T00:00:00+09:00');
  }
  return {
    ...readPaymentSelector(input),
    ...(payerState !== undefined && { payerState }),
    ...(voucherExpiresAt !== undefined && { voucherExpiresAt }),
    ...(input['is_available'] !== undefined && { isAvailable: readFlag(input, 'is_available') }),
  };
}

function replyPayment(ctx: Context, result: ConsoleResult, message: string): void {
  if (!result.isAccepted) {
    const status = result.reason === 'code_not_found' ? 404 : 409;
    throw new ControlError(status, result.reason, result.message);
  }
  reply(ctx, { message, payment: result.payment });
}
