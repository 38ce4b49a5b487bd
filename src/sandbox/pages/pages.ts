/** The routes of the sandbox's pages: the home page, and the cashier page behind a QR code. */

import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { ControlledSandbox } from '../control/control.ts';
import type { Notices } from '../control/notices.ts';
import type { Ledger } from '../core/ledger.ts';
import { findPayment } from '../payers/payer.ts';
import { renderCashierPage, renderUnknownCodePage } from './cashier.ts';
import { renderHomePage } from './home.ts';

/** The pages use forms but no scripts, and must not be framed; the policy enforces both. */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface PageAccess {
  /** Middleware that refuses requests that may not use the pages. */
  readonly guard: Middleware;
  readonly notices: Notices;
}

/** Creates the routes of the pages. */
export function createPageRouter(sandbox: ControlledSandbox, ledger: Ledger, access: PageAccess): Router {
  const router = new Router();
  const readNotice = (ctx: Context): string | undefined =>
    access.notices.find(new URLSearchParams(ctx.querystring).get('notice') ?? '');
  router.use(access.guard);
  router.get('/', (ctx) => writePage(ctx, renderHomePage(sandbox, readNotice(ctx))));
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
