/**
 * Converts property names to snake_case, which the control interface uses like PayPay's webhooks and the gateway's API.
 * The sandbox's objects are camelCase; a generic conversion avoids a second definition of each shape.
 */

/** Returns a copy of the value with every property name in snake_case, at every depth. */
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

/** Converts `merchantPaymentId` to `merchant_payment_id`. */
export function toSnakeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
