/**
 * The spelling of the control interface. It speaks snake_case, as PayPay's webhooks and the gateway's API do, while
 * the sandbox's own objects are camelCase; one rule for all of them instead of a second copy of each shape.
 */

/** The same value with every property name in snake_case, at every depth. */
export function toSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(toSnakeCase);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([name, inner]) => [toSnakeName(name), toSnakeCase(inner)]);
  return Object.fromEntries(entries);
}

/** `merchantPaymentId` becomes `merchant_payment_id`. */
export function toSnakeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
