/**
 * What the page says about a payment: title, hint, and on a till's display advice for the staff.
 */
import type { ShownPayment } from '../../services/operations/show-payment-page.ts';
import type { PageState } from './page-state.ts';
import type { StaffState, StateText, Texts } from './texts/types.ts';

export interface Words extends StateText {
  /** Instead of title and hint on the payer's own phone; undefined where the device makes no difference. */
  readonly ownPhone?: StateText | undefined;
  /** For the staff at a till. */
  readonly advice?: string | undefined;
}

/** For a payer who holds the page, or sits in front of it. */
export function pageWords(state: PageState, shown: ShownPayment, texts: Texts): Words {
  const { intent, hadCode, isRenewing } = shown;
  const error = intent.lastPaymentError;
  const returned = isReturned(shown) ? returnedWords(state, texts) : undefined;
  if (returned) {
    return returned;
  }
  if (state === 'failed' && !hadCode) {
    return texts.codeRefused;
  }
  if (state === 'processing' && isRenewing) {
    return texts.renewing;
  }
  if (state === 'scan') {
    return { ...texts.states.scan, ownPhone: texts.ownPhone };
  }
  const hasLapsed = error !== undefined || intent.status === 'requires_action';
  return state === 'ready' && hasLapsed ? texts.lapsed : texts.states[state];
}

/** For a display that nobody touches: it never asks to press a button, and advises the staff beside it. */
export function tillWords(state: PageState, shown: ShownPayment, texts: Texts): Words {
  const { till } = texts;
  const { title, hint } = pageWords(state, shown, texts);
  const isRefused = state === 'failed' && !shown.hadCode;
  const ownHint = isReturned(shown) ? hint : till.hints[isRefused ? 'codeRefused' : state];
  return {
    title: state === 'ready' ? texts.states.ready.title : title,
    hint: ownHint,
    advice: state in till.advice ? till.advice[state as StaffState] : undefined,
  };
}

function isReturned({ intent }: ShownPayment): boolean {
  return intent.lastPaymentError?.code === 'payment_returned';
}

/** Texts for money that was taken and refunded: before another attempt their own title; after the end only a hint. */
function returnedWords(state: PageState, texts: Texts): Words | undefined {
  if (state === 'failed') {
    return texts.returned;
  }
  const isEnd = state === 'cancelled' || state === 'expired';
  return isEnd ? { ...texts.states[state], hint: texts.returned.hint } : undefined;
}
