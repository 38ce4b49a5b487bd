/**
 * What a running sandbox offers to tests, the simulation and the CLI. Types only; sandbox.ts puts it together.
 */
import type { ApiCall } from './api/calls.ts';
import type { AdjustableClock } from './core/adjustable-clock.ts';
import type { SandboxBehaviour, SandboxCredential } from './core/options.ts';
import type { Payment } from './core/payment.ts';
import type { FaultController } from './faults/faults.ts';
import type { PayerRequest, PayerResult } from './payers/payer.ts';
import type { WebhookController } from './webhooks/webhooks.ts';

/** A payment as the books show it; a copy, so that nobody can change the books through it. */
export interface LedgerEntry extends Payment {
  /** Whether the merchant's cancel was accepted, carried out or not. */
  readonly isCancelled: boolean;
}

export interface Sandbox {
  /** Base URL for the client of the API. */
  readonly url: string;
  readonly port: number;
  /** The sandbox's time; moving it moves everything. */
  readonly clock: AdjustableClock;
  /** The switches, in force as soon as they are set. */
  readonly behaviour: SandboxBehaviour;
  readonly faults: FaultController;
  readonly webhooks: WebhookController;
  /** The payer scans a code and confirms. Resolves after the effect; the webhook is on its way, not awaited. */
  pay(request: PayerRequest): Promise<PayerResult>;
  /** The payer scans a code and declines, or has not enough money. */
  decline(request: PayerRequest): Promise<PayerResult>;
  /** Every payment, oldest first. */
  ledger(): LedgerEntry[];
  /** Authenticated calls of known operations, oldest first. */
  calls(): ApiCall[];
  /** Accepts one more API key. */
  addCredential(credential: SandboxCredential): void;
  /** Resolves when no webhook delivery is under way. */
  idle(): Promise<void>;
  /** Forgets payments, faults, webhooks and calls, and puts the clock right. */
  reset(): Promise<void>;
  /** Ends at once: open connections are cut, hanging ones too, and pending webhooks are given up. */
  close(): Promise<void>;
}
