/**
 * The page of a payment, and the acts on it. Each act leads back to the page, which says what was done; one that is refused shows
 * the page with its form open.
 */
import type { ActContext } from '../../domain/audit/act.ts';
import { DomainError } from '../../domain/errors.ts';
import { maxRefundOf } from '../../domain/operators/grants.ts';
import type { Payment } from '../../domain/payment.ts';
import {
  cancelPayment,
  capturePayment,
  notePayment,
  refundPayment,
  requireWithinLimit,
} from '../../services/operator/payment/act-on-payment.ts';
import { findPaymentInScope, ownerOf } from '../../services/operator/payment/load-payment.ts';
import { refreshPayment } from '../../services/operator/payment/refresh-payment.ts';
import { needsVerification } from '../../services/operator-accounts/refund-verification.ts';
import { isVerified } from '../../services/operator-accounts/sessions.ts';
import { renderPaymentPage } from '../../web/console/pages/payment/page.ts';
import { type ActName, pathOf } from '../../web/console/pages/payment/view.ts';
import { DONE, type Done } from '../../web/console/texts/payment/acts.ts';
import type { Answer, Call, ConsoleDeps, Handlers } from '../call.ts';
import { requireReason } from '../forms.ts';
import { buildView, type ViewExtras } from '../payment/build-view.ts';
import { explainRefusal } from '../payment/explain-refusal.ts';
import { findFormId, readCapture, readRefund } from '../payment/read-forms.ts';
import { notFound, VerificationNeeded } from '../refusals.ts';

type PaymentRoute =
  | 'showPayment'
  | 'refreshPayment'
  | 'notePayment'
  | 'cancelPayment'
  | 'capturePayment'
  | 'refundPayment';
type PaymentCall = Call<PaymentRoute>;

async function requirePayment({ db }: ConsoleDeps, { scope, params }: PaymentCall): Promise<Payment> {
  const payment = await findPaymentInScope(db, scope, params.intentId);
  if (!payment) {
    throw notFound();
  }
  return payment;
}

async function show(
  deps: ConsoleDeps,
  call: PaymentCall,
  payment: Payment,
  extras: ViewExtras = {},
): Promise<Answer> {
  const view = await buildView(deps, call, payment, extras);
  return {
    kind: 'page',
    status: extras.refused ? 400 : 200,
    page: renderPaymentPage(view, call.language),
  };
}

/** Does an act; when it is refused, shows the page with its form and what was entered. */
async function perform(
  deps: ConsoleDeps,
  call: PaymentCall,
  [act, done]: readonly [ActName, Done],
  work: (payment: Payment, by: ActContext) => Promise<unknown>,
): Promise<Answer> {
  const payment = await requirePayment(deps, call);
  const { form, language } = call;
  try {
    await work(payment, { ...byOf(call), reason: requireReason(form, language) });
    return { kind: 'redirect', to: `${pathOf(payment.intent)}?done=${done}` };
  } catch (error) {
    if (!(error instanceof DomainError) || error.code === 'not_found') {
      throw error;
    }
    const problem = explainRefusal(error, payment.intent.currency, language);
    const isUsed = error.details?.['constraint'] === 'form_used';
    const formId = isUsed ? undefined : findFormId(form);
    return show(deps, call, await requirePayment(deps, call), { refused: { act, problem, form }, formId });
  }
}

function byOf({ actor, clientAddress, requestId }: PaymentCall): ActContext {
  return { actor, clientAddress, requestId };
}

export const paymentHandlers: Pick<Handlers, PaymentRoute> = {
  async showPayment(deps, call) {
    const done = DONE.find((word) => word === call.query.get('done'));
    return show(deps, call, await requirePayment(deps, call), { done });
  },

  async refreshPayment(deps, call) {
    const readings = await refreshPayment(deps, byOf(call), await requirePayment(deps, call));
    return show(deps, call, await requirePayment(deps, call), { readings });
  },

  notePayment(deps, call) {
    return perform(deps, call, ['note', 'noted'], (payment, by) => notePayment(deps, by, payment));
  },

  cancelPayment(deps, call) {
    return perform(deps, call, ['cancel', 'cancelled'], (payment, by) => cancelPayment(deps, by, payment));
  },

  capturePayment(deps, call) {
    return perform(deps, call, ['capture', 'captured'], (payment, by) =>
      capturePayment(deps, by, payment, readCapture(call.form, payment.intent.currency, call.language)),
    );
  },

  refundPayment(deps, call) {
    const done = call.form.get('method') === 'cash' ? 'returned' : 'refunded';
    return perform(deps, call, ['refund', done], (payment, by) => {
      const { intent } = payment;
      const wanted = readRefund(call.form, intent.currency, call.language);
      const maxAmount = maxRefundOf(call.signedIn.operator.grants, ownerOf(intent));
      // First, so that nobody proves who they are for a refund that they may not make.
      requireWithinLimit(wanted.amount, maxAmount);
      // With what was refunded before, so that several small refunds are no way around it.
      const { currency, amountRefunded } = intent;
      const isLarge = needsVerification({ amount: amountRefunded + wanted.amount, currency });
      if (isLarge && !isVerified(call.signedIn, deps.wallClock.now())) {
        throw new VerificationNeeded();
      }
      return refundPayment(deps, by, payment, { ...wanted, maxAmount });
    });
  },
};
