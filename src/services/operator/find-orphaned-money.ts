/**
 * Finds orphaned money: payments that a webhook announced but that are not among the attempts, because a failover or a
 * restored backup has lost them, or because another system uses the same account. Reads each payment from the provider; if
 * that is not possible, reports what the webhook says.
 */
import type { Provider, ProviderMoney } from '../../providers/provider.ts';
import {
  listUnknownPaymentWebhooks,
  type UnknownPaymentWebhook,
} from '../../store/inbox/orphaned-webhooks.ts';
import type { ServiceDeps } from '../deps.ts';
import { runEach } from '../jobs/job.ts';
import { describeMoney, heldOf, moneyIn, NOTHING_HELD } from './held-money.ts';

export interface OrphanedPayment {
  readonly webhookId: number;
  /** The payment id that the merchant side chose, as the webhook has it. */
  readonly attemptId: string | undefined;
  readonly providerPaymentId: string | undefined;
  /** The merchant's account at the provider. */
  readonly account: string | undefined;
  readonly receivedAt: Date;
  /** What the webhook says was paid. */
  readonly announced: ProviderMoney | undefined;
  /** What the provider's own record says, in words. */
  readonly theirs: string;
}

const PAGE = 500;
const CONCURRENCY = 4;
const NOT_READABLE = 'not readable';
const NOT_FOUND = 'no such payment';

/**
 * Checks the whole inbox, oldest webhook first, and reports each payment once.
 * @returns the payments, and the number of webhooks that could not be checked
 */
export async function findOrphanedMoney(
  deps: ServiceDeps,
): Promise<{ orphaned: OrphanedPayment[]; failed: number }> {
  const found = new Map<string, OrphanedPayment>();
  let unchecked = 0;
  for (let after = 0; ; ) {
    const { webhooks, lastId } = await listUnknownPaymentWebhooks(deps.db, after, PAGE);
    if (lastId === undefined) {
      return { orphaned: [...found.values()], failed: unchecked };
    }
    after = lastId;
    const limits = { limit: PAGE, concurrency: CONCURRENCY };
    const { failed } = await runEach(deps, 'orphaned money', webhooks, limits, async (webhook) => {
      const payment = await findMoney(deps, webhook);
      const name = webhook.attemptId ?? webhook.providerPaymentId ?? '';
      if (payment && !found.has(name)) {
        found.set(name, payment);
      }
      return true;
    });
    unchecked += failed;
  }
}

/** @returns undefined when the provider holds nothing, or when neither provider nor webhook reports money */
async function findMoney(
  { providers }: ServiceDeps,
  { id: webhookId, provider: name, attemptId, providerPaymentId, body, receivedAt }: UnknownPaymentWebhook,
): Promise<OrphanedPayment | undefined> {
  const provider = providers.find(name);
  const hint = provider?.webhooks?.translate(body);
  const account = hint?.account?.merchantId;
  const announced = hint?.paid;
  const theirs = await readHeld(provider, account, attemptId);
  const isCertain = theirs !== NOT_READABLE && theirs !== NOT_FOUND;
  if (theirs === NOTHING_HELD || (!isCertain && announced === undefined)) {
    return undefined;
  }
  return { webhookId, attemptId, providerPaymentId, account, receivedAt, announced, theirs };
}

async function readHeld(
  provider: Provider | undefined,
  merchantId: string | undefined,
  attemptId: string | undefined,
): Promise<string> {
  if (!provider?.codes || merchantId === undefined || attemptId === undefined) {
    return NOT_READABLE;
  }
  const observation = await provider.codes.readPayment({ account: { merchantId }, attemptId });
  if (observation.kind === 'unknown' || observation.kind === 'unavailable') {
    return NOT_READABLE;
  }
  if (observation.kind === 'not_found') {
    return NOT_FOUND;
  }
  const money = moneyIn(observation);
  return heldOf(money) > 0 ? describeMoney(money) : NOTHING_HELD;
}
