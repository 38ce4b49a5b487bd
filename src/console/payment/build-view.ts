/**
 * Builds what the page of a payment shows to this operator: the payment, the part of its history that was asked for, and the acts
 * that the operator may do and its status allows.
 */
import { isInScope, maxRefundOf, scopeOf } from '../../domain/operators/grants.ts';
import type { Permission } from '../../domain/operators/roles.ts';
import type { Payment } from '../../domain/payment.ts';
import { decideCancel, decideCapture } from '../../domain/payment-machine.ts';
import { amountRefundable } from '../../domain/refunds/refund-machine.ts';
import { isWindowOver } from '../../domain/refunds/refund-window.ts';
import { randomAlphanumerics } from '../../lib/ids.ts';
import { isHistoryKind, mergeHistory, pageOfHistory } from '../../services/operator/payment/history.ts';
import { type LoadedPayment, loadPayment, ownerOf } from '../../services/operator/payment/load-payment.ts';
import type { SignedIn } from '../../services/operator-accounts/sessions.ts';
import type { OfferedActs, PaymentView } from '../../web/console/pages/payment/view.ts';
import type { ConsoleDeps } from '../call.ts';

/** A form of the page has an id of so many characters. */
export const FORM_ID_LENGTH = 24;
/** Of one attempt; more are in the timeline. */
const SHOWN_REQUEST_IDS = 3;
const MAX_PAGE = 1_000;

export type ViewExtras = Pick<PaymentView, 'done' | 'refused' | 'readings'> & {
  /** Kept when a form is shown again after a refusal that has made nothing. */
  readonly formId?: string | undefined;
};

export async function buildView(
  deps: ConsoleDeps,
  { signedIn, query }: { readonly signedIn: SignedIn; readonly query: URLSearchParams },
  payment: Payment,
  extras: ViewExtras = {},
): Promise<PaymentView> {
  const { history, ...loaded } = await loadPayment(deps.db, payment);
  const kind = query.get('kind') ?? undefined;
  const page = Number(query.get('page') ?? 1);
  return {
    ...loaded,
    history: pageOfHistory(
      mergeHistory(history),
      isHistoryKind(kind) ? kind : undefined,
      Number.isInteger(page) && page >= 1 && page <= MAX_PAGE ? page : 1,
    ),
    requestIds: requestIdsOf(history.calls),
    refunders: refundersOf(history.acts, loaded.operators),
    acts: offeredActs(signedIn, payment, deps.clock.now()),
    links: {
      merchant: may(signedIn, 'merchants:read', payment),
      deliveries: may(signedIn, 'endpoints:read', payment),
    },
    ...extras,
    formId: extras.formId ?? randomAlphanumerics(FORM_ID_LENGTH),
  };
}

/** Whether the operator has the permission for this payment. */
function may({ operator }: SignedIn, permission: Permission, { intent }: Payment): boolean {
  const scope = scopeOf(operator.grants, permission);
  return scope !== undefined && isInScope(scope, ownerOf(intent));
}

function offeredActs(signedIn: SignedIn, payment: Payment, now: Date): OfferedActs {
  const inbox = scopeOf(signedIn.operator.grants, 'inbox:replay');
  const isOpen = decideCancel(payment, now).kind !== 'refused' && payment.intent.status !== 'cancelled';
  return {
    refresh: may(signedIn, 'payments:refresh', payment),
    note: may(signedIn, 'payments:refresh', payment),
    cancel: isOpen && may(signedIn, 'payments:cancel', payment),
    capture:
      decideCapture(payment, { amount: undefined }, now).kind !== 'refused' &&
      may(signedIn, 'cash:capture', payment),
    refund: may(signedIn, 'refunds:create', payment) ? offeredRefund(signedIn, payment, now) : undefined,
    redeliver: may(signedIn, 'deliveries:redeliver', payment),
    replay: inbox?.kind === 'everything',
  };
}

function offeredRefund({ operator }: SignedIn, { intent }: Payment, now: Date): OfferedActs['refund'] {
  const refundable = amountRefundable(intent);
  const maxAmount = maxRefundOf(operator.grants, ownerOf(intent));
  if (intent.status !== 'succeeded' || refundable < 1 || maxAmount === 0) {
    return undefined;
  }
  const isCashOnly = intent.paymentMethodType === 'cash' || isWindowOver(intent, now);
  return { refundable, maxAmount, methods: isCashOnly ? ['cash'] : ['provider', 'cash'] };
}

function requestIdsOf(calls: LoadedPayment['history']['calls']): PaymentView['requestIds'] {
  const found = new Map<string, string[]>();
  const latestFirst = [...calls].sort((a, b) => b.lastAt.getTime() - a.lastAt.getTime());
  for (const { objectId, lastRequestId } of latestFirst) {
    const known = found.get(objectId) ?? [];
    if (lastRequestId !== undefined && known.length < SHOWN_REQUEST_IDS) {
      found.set(objectId, [...known, lastRequestId]);
    }
  }
  return found;
}

function refundersOf(
  acts: LoadedPayment['history']['acts'],
  operators: PaymentView['operators'],
): PaymentView['refunders'] {
  const refunders = new Map<string, string>();
  for (const { type, after, actor } of acts) {
    const id = type === 'refund.created' && (after as { refund?: unknown } | undefined)?.refund;
    if (typeof id === 'string') {
      refunders.set(id, operators.get(actor.id) ?? actor.id);
    }
  }
  return refunders;
}
