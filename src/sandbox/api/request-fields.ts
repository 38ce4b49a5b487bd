/**
 * Parses and validates the JSON bodies of merchants' requests, with the limits of the PayPay OPA Dynamic QR document. A
 * violation throws a RequestError with PayPay's result code. Unknown properties are ignored, as PayPay ignores
 * `metadata`, which is no longer documented but still sent by its SDKs.
 */
import { isIP } from 'node:net';
import type { CodeRequest } from '../core/payment.ts';
import type { ResultName } from '../core/result-codes.ts';

/** An invalid request; `result` is the result code that PayPay returns. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly result: ResultName;

  constructor(result: ResultName, detail: string) {
    super(detail);
    this.result = result;
  }
}

/** A validated refund request. */
export interface RefundRequest {
  readonly merchantRefundId: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly requestedAt: number;
  readonly reason?: string;
}

type Json = Record<string, unknown>;

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const CODE_ID = /^04-[A-Za-z0-9]{16}$/;
const MAX_TEXT_LENGTH = 255;
const MAX_AMOUNT = 99_999_999_999;
const PRODUCT_TYPES = ['VIRTUAL_BONUS_INVESTMENT', 'PAY_LATER_REPAYMENT', 'REAL_INVESTMENT', 'UTILITY_BILL'];
const REDIRECT_TYPES = ['WEB_LINK', 'APP_DEEP_LINK'];

/** Whether the text is a valid merchantPaymentId or merchantRefundId. */
export function isMerchantId(text: string): boolean {
  return ID.test(text);
}

/** Whether the text has the format of a codeId. */
export function isCodeId(text: string): boolean {
  return CODE_ID.test(text);
}

/** Validates the body of "Create a Code". @throws RequestError */
export function readCodeRequest(body: Buffer, now: number): CodeRequest {
  const json = parseObject(body);
  requireFields(json, ['merchantPaymentId', 'amount', 'codeType']);
  if (json['codeType'] !== 'ORDER_QR') {
    throw invalid('codeType');
  }
  if (readOptional(json, 'isAuthorization', isBoolean) === true) {
    throw new RequestError(
      'PRE_AUTH_CAPTURE_UNSUPPORTED_MERCHANT',
      'the sandbox does not support pre-authorization',
    );
  }
  readOptional(json, 'productType', isOneOf(PRODUCT_TYPES));
  readOptional(json, 'ipAddress', (value): value is string => typeof value === 'string' && isIP(value) !== 0);
  readOptional(json, 'userAgent', isString);
  return {
    merchantPaymentId: readId(json, 'merchantPaymentId'),
    amount: readAmount(json, 'amount'),
    requestedAt: readOptional(json, 'requestedAt', isInteger) ?? Math.floor(now / 1000),
    ...pickTexts(json, ['orderDescription', 'storeInfo', 'storeId', 'terminalId', 'redirectUrl']),
    ...optionalField('redirectType', readOptional(json, 'redirectType', isOneOf(REDIRECT_TYPES))),
    ...optionalField('orderItems', readOrderItems(json)),
  };
}

/** Validates the body of "Refund a Payment". @throws RequestError */
export function readRefundRequest(body: Buffer): RefundRequest {
  const json = parseObject(body);
  requireFields(json, ['merchantRefundId', 'paymentId', 'amount', 'requestedAt']);
  const paymentId = json['paymentId'];
  if (!isText(paymentId) || paymentId === '') {
    throw invalid('paymentId');
  }
  const requestedAt = readOptional(json, 'requestedAt', isInteger);
  return {
    merchantRefundId: readId(json, 'merchantRefundId'),
    paymentId,
    amount: readAmount(json, 'amount'),
    requestedAt: requestedAt ?? 0,
    ...pickTexts(json, ['reason']),
  };
}

function parseObject(body: Buffer): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    throw new RequestError('INVALID_REQUEST_PARAMS', 'the body is not JSON');
  }
  if (!isObject(parsed)) {
    throw new RequestError('INVALID_REQUEST_PARAMS', 'the body is not a JSON object');
  }
  return parsed;
}

function requireFields(json: Json, names: readonly string[]): void {
  for (const name of names) {
    if (json[name] === undefined || json[name] === null) {
      throw new RequestError('MISSING_REQUEST_PARAMS', `${name} is missing`);
    }
  }
}

function readId(json: Json, name: string): string {
  const value = json[name];
  if (typeof value !== 'string' || !ID.test(value)) {
    throw invalid(name);
  }
  return value;
}

function readAmount(json: Json, name: string): number {
  const money = json[name];
  if (!isObject(money)) {
    throw invalid(name);
  }
  requireFields(money, ['amount', 'currency']);
  const amount = money['amount'];
  if (!isInteger(amount) || amount < 1 || amount > MAX_AMOUNT) {
    throw invalid(`${name}.amount`);
  }
  if (money['currency'] !== 'JPY') {
    throw invalid(`${name}.currency`);
  }
  return amount;
}

function readOrderItems(json: Json): Json[] | undefined {
  const items = readOptional(json, 'orderItems', Array.isArray);
  return items?.map((item: unknown) => {
    if (!isObject(item)) {
      throw invalid('orderItems');
    }
    requireFields(item, ['name', 'quantity', 'unitPrice']);
    const quantity = item['quantity'];
    if (!isText(item['name']) || !isInteger(quantity) || quantity < 1) {
      throw invalid('orderItems');
    }
    readAmount(item, 'unitPrice');
    return { ...pickTexts(item, ['name', 'category', 'productId']), quantity, unitPrice: item['unitPrice'] };
  });
}

function readOptional<T>(json: Json, name: string, isValid: (value: unknown) => value is T): T | undefined {
  const value = json[name];
  if (value === undefined || value === null) {
    return undefined;
  }
  if (!isValid(value)) {
    throw invalid(name);
  }
  return value;
}

function pickTexts<Name extends string>(json: Json, names: readonly Name[]): { [name in Name]?: string } {
  const texts: { [name in Name]?: string } = {};
  for (const name of names) {
    const text = readOptional(json, name, isText);
    if (text !== undefined) {
      texts[name] = text;
    }
  }
  return texts;
}

/** Omits an absent field, because PayPay's responses omit it as well instead of containing null. */
function optionalField<Name extends string, T>(name: Name, value: T | undefined): { [name in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [name in Name]: T });
}

function invalid(name: string): RequestError {
  return new RequestError('INVALID_REQUEST_PARAMS', `${name} is invalid`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT_LENGTH;
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isOneOf(allowed: readonly string[]): (value: unknown) => value is string {
  return (value): value is string => typeof value === 'string' && allowed.includes(value);
}
