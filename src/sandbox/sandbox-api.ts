/**
 * The programmatic interface of a running sandbox, for tests, the simulation and the CLI. Types only; sandbox.ts
 * implements it.
 */
import type { ApiCall } from './api/calls.ts';
import type { BackOffice } from './back-office/back-office.ts';
import type { MerchantConsole } from './back-office/console-actions.ts';
import type { AdjustableClock } from './core/adjustable-clock.ts';
import type { SandboxBehaviour, SandboxCredential } from './core/options.ts';
import type { Payment } from './core/payment.ts';
import type { FaultController } from './faults/faults.ts';
import type { PayerRequest, PayerResult } from './payers/payer.ts';
import type { WebhookController } from './webhooks/webhooks.ts';

/** A copy of a payment in the ledger, so that callers cannot modify the ledger. */
export interface LedgerEntry extends Payment {
  /** Whether a cancel by the merchant was accepted, even if it has not been carried out yet. */
  readonly isCancelled: boolean;
}

export interface Sandbox {
  /** Base URL for API clients. */
  readonly url: string;
  readonly port: number;
  /** The sandbox's time. Moving it makes everything due that depends on time. */
  readonly clock: AdjustableClock;
  /** The behaviour switches; changes take effect immediately. */
  readonly behaviour: SandboxBehaviour;
  readonly faults: FaultController;
  readonly webhooks: WebhookController;
  /** The payer scans a code and pays. Resolves once the payment has changed, without waiting for its webhook. */
  pay(request: PayerRequest): Promise<PayerResult>;
  /** The payer scans a code and declines, or has insufficient funds. */
  decline(request: PayerRequest): Promise<PayerResult>;
  /** What the merchant's staff do in PayPay's console, past the gateway. */
  readonly merchantConsole: MerchantConsole;
  /** What happens at PayPay: held refunds are released, sales paid out, accounts closed. */
  readonly backOffice: BackOffice;
  /** Lists every payment, oldest first. */
  ledger(): LedgerEntry[];
  /** Lists the authenticated calls of known operations, oldest first. */
  calls(): ApiCall[];
  /** Accepts an additional API key. */
  addCredential(credential: SandboxCredential): void;
  /** Resolves when no webhook delivery is in progress. */
  idle(): Promise<void>;
  /** Removes payments, faults, webhooks and calls, and resets the clock. Behaviour and settings stay. */
  reset(): Promise<void>;
  /** Stops immediately: closes open connections, including hanging ones, and gives up pending webhooks. */
  close(): Promise<void>;
}
