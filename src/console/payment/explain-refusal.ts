/**
 * Why an act on a payment was refused, in the operator's language.
 */
import type { DomainError } from '../../domain/errors.ts';
import type { PaymentIntentStatus } from '../../domain/payment.ts';
import { moneyText } from '../../web/console/components/basics.ts';
import type { Language } from '../../web/console/texts/language.ts';
import { actTexts } from '../../web/console/texts/payment/acts.ts';

/** What is not known here is said as the service says it, in English. */
export function explainRefusal(
  { code, message, details }: DomainError,
  currency: string,
  language: Language,
): string {
  const { problems, statuses } = actTexts(language);
  const {
    constraint,
    max,
    status,
    refund_id: refundId,
    reason,
  } = details as Readonly<Record<string, unknown>>;
  const amount = () => moneyText(Number(max), currency, language);
  switch (code === 'provider_unavailable' || code === 'provider_error' ? `${code} ${reason}` : constraint) {
    case 'unexpected_state':
      return problems.status(statuses[status as PaymentIntentStatus] ?? String(status));
    case 'max_value':
      return max === 0 ? problems.nothingLeft : problems.max(amount());
    case 'operator_limit':
      return problems.operatorLimit(amount());
    case 'refund_window_exceeded':
      return problems.windowOver;
    case 'refund_limit_exceeded':
      return problems.tooMany;
    case 'form_used':
      return problems.formUsed(String(refundId));
    case 'provider_unavailable in_progress':
      return problems.busy;
    case 'provider_unavailable code_still_open':
      return problems.codeOpen;
    default:
      return explainFailure(code, problems) ?? message;
  }
}

function explainFailure(
  code: DomainError['code'],
  { unavailable, unknown }: ReturnType<typeof actTexts>['problems'],
): string | undefined {
  if (code === 'provider_unavailable') {
    return unavailable;
  }
  return code === 'provider_error' ? unknown : undefined;
}
