/** The routes of the sandbox's pages: the home page, the cashier page behind a QR code, and the merchant's deliveries. */

import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { ControlledSandbox } from '../control/control.ts';
import type { Notices } from '../control/notices.ts';
import { findPayment } from '../core/find-payment.ts';
import type { Ledger } from '../core/ledger.ts';
import type { SandboxOptions } from '../core/options.ts';
import { renderCashierPage, renderUnknownCodePage } from './cashier.ts';
import { MAX_DELIVERIES, renderDeliveriesPage } from './deliveries.ts';
import { renderHomePage } from './home.ts';

/** The pages use forms but no scripts, and must not be framed; the policy enforces both. */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface PageAccess {
  /** Middleware that refuses requests that may not use the pages. */
  readonly guard: Middleware;
  readonly notices: Notices;
  readonly listMerchantDeliveries: SandboxOptions['listMerchantDeliveries'];
}

/** Creates the routes of the pages. */
export function createPageRouter(sandbox: ControlledSandbox, ledger: Ledger, access: PageAccess): Router {
  const router = new Router();
  const readNotice = (ctx: Context): string | undefined =>
    access.notices.find(new URLSearchParams(ctx.querystring).get('notice') ?? '');
  const { listMerchantDeliveries } = access;
  router.use(access.guard);
  router.get('/', (ctx) => {
    const hasDeliveries = listMerchantDeliveries !== undefined;
    writePage(ctx, renderHomePage(sandbox, readNotice(ctx), hasDeliveries));
  });
  if (listMerchantDeliveries) {
    router.get('/deliveries', async (ctx) =>
      writePage(ctx, renderDeliveriesPage(await listMerchantDeliveries(MAX_DELIVERIES))),
    );
  }
  router.get('/app/cashier', (ctx) => {
    const now = sandbox.clock.now().getTime();
    const qrContent = new URLSearchParams(ctx.querystring).get('code') ?? '';
    const found = findPayment(ledger, { qrContent }, now);
    if (found.isAccepted) {
      return writePage(ctx, renderCashierPage(found.payment, now, readNotice(ctx)));
    }
    writePage(ctx, renderUnknownCodePage());
    ctx.status = 404;
  });
  return router;
}

function writePage(ctx: Context, page: string): void {
  ctx.type = 'html';
  ctx.set('Content-Security-Policy', CONTENT_POLICY);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = page;
}
