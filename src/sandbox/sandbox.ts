/**
 * The PayPay sandbox: a simulator of PayPay's Dynamic QR product with fault injection, for development, tests and the
 * simulation. This module assembles its parts and starts it. The sandbox is not part of the gateway and shares no code
 * with the gateway's PayPay client, so that a mistake in one cannot be hidden by the same mistake in the other.
 */
import Koa from 'koa';
import { systemClock } from '../lib/clock.ts';
import { type ApiDeps, createApiRouter, replyUnknownRoute } from './api/api.ts';
import { createCallLog } from './api/calls.ts';
import type { OperationDeps } from './api/operations.ts';
import { createBackOffice } from './back-office/back-office.ts';
import { createMerchantConsole } from './back-office/console-actions.ts';
import { type ControlledSandbox, createControlRouter } from './control/control.ts';
import { createNotices } from './control/notices.ts';
import { type AdjustableClock, createAdjustableClock } from './core/adjustable-clock.ts';
import { wrapResponse, writeReply } from './core/envelope.ts';
import { type Journal, loadPayments, noopJournal, openJournal } from './core/journal.ts';
import { createLedger, type Ledger } from './core/ledger.ts';
import { DEFAULT_BEHAVIOUR, type SandboxBehaviour, type SandboxOptions, silentLog } from './core/options.ts';
import { createRandom, makeRequestId, type Random } from './core/random.ts';
import { createFaults } from './faults/faults.ts';
import { localRequestsOnly, othersArePayers } from './local-requests.ts';
import { createPageRouter } from './pages/pages.ts';
import { createMagicPayers, type MagicPayers } from './payers/magic-payers.ts';
import { createPayer, type Payer } from './payers/payer.ts';
import type { LedgerEntry, Sandbox } from './sandbox-api.ts';
import { startServer } from './server.ts';
import { createWebhooks, type Webhooks } from './webhooks/webhooks.ts';

export type { SandboxOptions } from './core/options.ts';
export type { LedgerEntry, Sandbox } from './sandbox-api.ts';

/** The assembled parts of a sandbox that does not listen yet. */
interface Parts {
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly clock: AdjustableClock;
  readonly webhooks: Webhooks;
  readonly api: ApiDeps;
  readonly controlled: ControlledSandbox;
  readonly magicPayers: MagicPayers;
  /** Base URL in QR codes; set once the port is known. */
  readonly address: { url: string };
}

/** Starts a sandbox. Resolves when it accepts connections. @throws an Error when it cannot listen */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const closing = new AbortController();
  const parts = await assemble(options, closing.signal);
  const app = createApp(
    options,
    parts,
    createRandom(options.seed === undefined ? undefined : options.seed + 2),
  );
  const server = await startServer(options, app.callback());
  parts.address.url = publicUrlOf(options, server.url);
  parts.api.log.info({ url: server.url }, 'PayPay sandbox is listening');

  return {
    ...parts.controlled,
    url: server.url,
    port: server.port,
    async close() {
      closing.abort();
      parts.controlled.faults.clear();
      await Promise.all([server.close(), parts.webhooks.close(), parts.magicPayers.close()]);
      await parts.journal.close();
    },
  };
}

function publicUrlOf({ publicUrl, publicHost }: SandboxOptions, ownUrl: string): string {
  const url = new URL(publicUrl ?? ownUrl);
  url.hostname = publicHost ?? url.hostname;
  return url.href.replace(/\/+$/, '');
}

async function assemble(options: SandboxOptions, closing: AbortSignal): Promise<Parts> {
  const clock = createAdjustableClock(options.clock ?? systemClock);
  const log = options.log ?? silentLog;
  const behaviour = readBehaviour(options);
  // Separate generators, so that random faults do not change the ids that follow.
  const idRandom = createRandom(options.seed);
  const faultRandom = createRandom(options.seed === undefined ? undefined : options.seed + 1);
  const ledger = createLedger(behaviour);
  const journal = await openLedgerJournal(options.stateFile, ledger);
  const address = { url: '' };
  const webhooks = openWebhooks(options, { clock, random: faultRandom, log });
  const payer = createPayer({ ledger, behaviour, random: idRandom, webhooks, clock, save: journal.save });
  const magicPayers = createMagicPayers({ clock, log, payer });
  const operations: OperationDeps = {
    ledger,
    behaviour,
    random: idRandom,
    save: journal.save,
    cashierUrl: (codeId) => `${address.url}/app/cashier?code=${codeId}`,
    onCodeCreated: (payment) => behaviour.magicAmounts && magicPayers.schedule(payment),
  };
  const credentials = new Map(options.credentials.map((credential) => [credential.apiKey, credential]));
  const faults = createFaults(faultRandom);
  const calls = createCallLog();
  const api: ApiDeps = { operations, credentials, faults, calls, clock, log, closing };
  const controlled = createControlled({ ledger, journal, clock, webhooks, api, magicPayers }, payer);
  return { ledger, journal, clock, webhooks, api, magicPayers, controlled, address };
}

function openWebhooks(options: SandboxOptions, deps: Parameters<typeof createWebhooks>[0]): Webhooks {
  return createWebhooks(deps, {
    url: options.webhookUrl,
    secret: options.webhookSecret,
    mode: options.webhookMode ?? 'auto',
    profile: options.webhookProfile ?? 'short',
  });
}

function createControlled(parts: Omit<Parts, 'controlled' | 'address'>, payer: Payer): ControlledSandbox {
  const { ledger, journal, clock, webhooks, api, magicPayers } = parts;
  const { behaviour, random, save } = api.operations;
  return {
    clock,
    behaviour,
    faults: api.faults,
    webhooks,
    pay: payer.pay,
    decline: payer.decline,
    merchantConsole: createMerchantConsole({ ledger, behaviour, random, clock, save }),
    backOffice: createBackOffice({ ledger, behaviour, clock, save }),
    ledger: () => ledger.list(clock.now().getTime()).map(toLedgerEntry),
    calls: () => api.calls.list(),
    addCredential: (credential) => {
      api.credentials.set(credential.apiKey, credential);
    },
    idle: () => webhooks.idle(),
    async reset() {
      magicPayers.cancelAll();
      ledger.clear();
      api.faults.clear();
      api.calls.clear();
      webhooks.clear();
      clock.reset();
      await journal.clear();
    },
  };
}

function createApp(options: SandboxOptions, parts: Parts, random: Random): Koa {
  const app = new Koa();
  const notices = createNotices();
  const guard = (isLinked: boolean) => localRequestsOnly(() => parts.address.url, { isLinked });
  app.on('error', (error: Error) =>
    parts.api.log.error({ err: error }, 'PayPay sandbox failed to handle a request'),
  );
  app.use(async (ctx, next) => {
    ctx.state['requestId'] = makeRequestId(random);
    ctx.set('X-REQUEST-ID', ctx.state['requestId']);
    try {
      await next();
    } catch (error) {
      parts.api.log.error({ err: error }, 'PayPay sandbox failed to handle a request');
      writeReply(ctx, wrapResponse({ result: 'SERVICE_ERROR', data: null }, ctx.state['requestId']));
    }
  });
  app.use(othersArePayers());
  app.use((ctx, next) => replyUnknownRoute(parts.api, ctx, next));
  const allowsRemoteWebhooks = options.allowRemoteWebhooks ?? false;
  app.use(
    createControlRouter(parts.controlled, { guard: guard(false), notices, allowsRemoteWebhooks }).routes(),
  );
  const { listMerchantDeliveries, findOrigins } = options;
  const pages = { guard: guard(true), notices, log: parts.api.log, listMerchantDeliveries, findOrigins };
  app.use(createPageRouter(parts.controlled, parts.ledger, pages).routes());
  app.use(createApiRouter(parts.api).routes());
  return app;
}

async function openLedgerJournal(path: string | undefined, ledger: Ledger): Promise<Journal> {
  if (path === undefined) {
    return noopJournal;
  }
  const payments = await loadPayments(path);
  for (const payment of payments) {
    ledger.add(payment);
  }
  return openJournal(path, payments);
}

function readBehaviour(options: SandboxOptions): SandboxBehaviour {
  const behaviour = { ...DEFAULT_BEHAVIOUR };
  for (const name of Object.keys(DEFAULT_BEHAVIOUR) as (keyof SandboxBehaviour)[]) {
    const value = options[name];
    if (value !== undefined) {
      Object.assign(behaviour, { [name]: value });
    }
  }
  return behaviour;
}

function toLedgerEntry(payment: LedgerEntry | Omit<LedgerEntry, 'isCancelled'>): LedgerEntry {
  return { ...structuredClone(payment), isCancelled: payment.cancelRequestedAt !== undefined };
}
