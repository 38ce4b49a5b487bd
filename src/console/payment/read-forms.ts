/**
 * Reads the forms of acts on a payment.
 */
import { DomainError } from '../../domain/errors.ts';
import type { RefundMethod, RefundReason } from '../../domain/refunds/refund.ts';
import { currencyDigits } from '../../lib/currencies.ts';
import type { OperatorCapture, OperatorRefund } from '../../services/operator/payment/act-on-payment.ts';
import type { Language } from '../../web/console/texts/language.ts';
import { actTexts } from '../../web/console/texts/payment/acts.ts';
import { field } from '../forms.ts';
import { FORM_ID_LENGTH } from './build-view.ts';

const REASONS: readonly RefundReason[] = ['requested_by_customer', 'duplicate', 'fraudulent', 'other'];
const METHODS: readonly RefundMethod[] = ['provider', 'cash'];
const MAX_NAME = 64;
const MAX_DESCRIPTION = 255;
const FORM_ID = new RegExp(`^[A-Za-z0-9]{${FORM_ID_LENGTH}}$`);
/** Control characters, which no field of one line has. */
const CONTROL = /\p{Cc}/u;

/** @throws invalid_request when a field is missing or not one of the form's */
export function readRefund(
  form: URLSearchParams,
  currency: string,
  language: Language,
): Omit<OperatorRefund, 'maxAmount'> {
  const method = METHODS.find((each) => each === form.get('method'));
  const reason = REASONS.find((each) => each === form.get('category'));
  const description = readText(form, 'description', MAX_DESCRIPTION, language);
  if (method === undefined || reason === undefined) {
    throw incomplete(language);
  }
  const amount = readAmount(form, currency, language);
  return { amount, method, reason, description, idempotencyId: readFormId(form, language) };
}

/** @throws invalid_request when a field is missing or not one of the form's */
export function readCapture(form: URLSearchParams, currency: string, language: Language): OperatorCapture {
  const amount = readAmount(form, currency, language);
  const staffId = readText(form, 'staff', MAX_NAME, language);
  if (staffId === undefined) {
    throw new DomainError('invalid_request', actTexts(language).problems.staff);
  }
  const terminalId = readText(form, 'till', MAX_NAME, language);
  return { amount, staffId, terminalId, idempotencyId: readFormId(form, language) };
}

/** In the smallest unit of the currency; commas and full-width digits are allowed. */
function readAmount(form: URLSearchParams, currency: string, language: Language): number {
  const digits = currencyDigits(currency);
  const text = (field(form, 'amount') ?? '').normalize('NFKC').replaceAll(',', '');
  const pattern = digits === 0 ? /^\d{1,15}$/ : new RegExp(`^\\d{1,12}(\\.\\d{1,${digits}})?$`);
  const amount = pattern.test(text) ? Math.round(Number(text) * 10 ** digits) : 0;
  if (!Number.isSafeInteger(amount) || amount < 1) {
    const example = (1_000).toFixed(digits);
    throw new DomainError('invalid_request', actTexts(language).problems.amount(example));
  }
  return amount;
}

function readText(
  form: URLSearchParams,
  name: string,
  maxLength: number,
  language: Language,
): string | undefined {
  const text = field(form, name);
  if (text !== undefined && (text.length > maxLength || CONTROL.test(text))) {
    throw incomplete(language);
  }
  return text;
}

/** The id of a form of the page; undefined when it has none, or one that no page has made. */
export function findFormId(form: URLSearchParams): string | undefined {
  const id = form.get('form_id') ?? '';
  return FORM_ID.test(id) ? id : undefined;
}

function readFormId(form: URLSearchParams, language: Language): string {
  const id = findFormId(form);
  if (id === undefined) {
    throw incomplete(language);
  }
  return id;
}

function incomplete(language: Language): DomainError {
  return new DomainError('invalid_request', actTexts(language).problems.form);
}
