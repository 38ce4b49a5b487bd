/** The routes of the sandbox's pages: the home page, the cashier page behind a QR code, and the merchant's deliveries. */
import { readFileSync } from 'node:fs';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { ControlledSandbox } from '../control/control.ts';
import type { Notices } from '../control/notices.ts';
import { findPayment } from '../core/find-payment.ts';
import type { Ledger } from '../core/ledger.ts';
import type { SandboxLog, SandboxOptions } from '../core/options.ts';
import { renderCashierPage, renderUnknownCodePage } from './cashier.ts';
import { MAX_DELIVERIES, renderDeliveriesPage } from './deliveries.ts';
import { MAX_PAYMENTS, renderHomePage } from './home.ts';
import type { Origins } from './layout.ts';

/** The pages run one script of their own, talk to the sandbox only, and must not be framed; the policy enforces it. */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const SCRIPT = readFileSync(new URL('./browser/pages.js', import.meta.url), 'utf8');

export interface PageAccess {
  /** Middleware that refuses requests that may not use the pages. */
  readonly guard: Middleware;
  readonly notices: Notices;
  readonly log: SandboxLog;
  readonly listMerchantDeliveries: SandboxOptions['listMerchantDeliveries'];
  readonly findOrigins: SandboxOptions['findOrigins'];
}

/** Creates the routes of the pages. */
export function createPageRouter(sandbox: ControlledSandbox, ledger: Ledger, access: PageAccess): Router {
  const router = new Router();
  const { listMerchantDeliveries } = access;
  router.use(access.guard);
  router.get('/', async (ctx) => {
    const payments = sandbox.ledger().reverse().slice(0, MAX_PAYMENTS);
    const origins = await readOrigins(access, payments);
    const hasDeliveries = listMerchantDeliveries !== undefined;
    writePage(
      ctx,
      renderHomePage(sandbox, payments, { notice: readNotice(access, ctx), hasDeliveries, origins }),
    );
  });
  if (listMerchantDeliveries) {
    router.get('/deliveries', async (ctx) =>
      writePage(ctx, renderDeliveriesPage(await listMerchantDeliveries(MAX_DELIVERIES))),
    );
  }
  router.get('/app/cashier', (ctx) => showCashier(sandbox, ledger, access, ctx));
  router.get('/app/assets/pages.js', (ctx) => {
    ctx.type = 'text/javascript';
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = SCRIPT;
  });
  return router;
}

async function showCashier(
  sandbox: ControlledSandbox,
  ledger: Ledger,
  access: PageAccess,
  ctx: Context,
): Promise<void> {
  const now = sandbox.clock.now().getTime();
  const isTester = ctx.state['isRemote'] !== true;
  const qrContent = new URLSearchParams(ctx.querystring).get('code') ?? '';
  const found = findPayment(ledger, { qrContent }, now);
  if (!found.isAccepted) {
    writePage(ctx, renderUnknownCodePage(isTester));
    ctx.status = 404;
    return;
  }
  const { payment } = found;
  const origin = (await readOrigins(access, [payment])).get(payment.merchantPaymentId);
  writePage(ctx, renderCashierPage(payment, { now, notice: readNotice(access, ctx), origin, isTester }));
}

function readNotice({ notices }: PageAccess, ctx: Context): string | undefined {
  return notices.find(new URLSearchParams(ctx.querystring).get('notice') ?? '');
}

/** Without the gateway's database the pages show only what PayPay knows. */
async function readOrigins(
  { findOrigins, log }: PageAccess,
  payments: readonly { readonly merchantPaymentId: string }[],
): Promise<Origins> {
  if (!findOrigins || payments.length === 0) {
    return new Map();
  }
  return findOrigins(payments.map(({ merchantPaymentId }) => merchantPaymentId)).catch((error: unknown) => {
    log.warn({ err: error }, 'the origins of payments could not be read');
    return new Map();
  });
}

function writePage(ctx: Context, page: string): void {
  ctx.type = 'html';
  ctx.set('Content-Security-Policy', CONTENT_POLICY);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = page;
}
