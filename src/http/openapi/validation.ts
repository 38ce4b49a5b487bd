/**
 * From the validator's findings to refusals a merchant's developer understands: `details.field`, `details.constraint`
 * and a sentence for the first fault, `details.errors` for all.
 */
import type { ErrorObject } from 'ajv';
import { DomainError, invalidField } from '../../domain/errors.ts';

export interface FieldFault {
  readonly field: string;
  readonly constraint: string;
  readonly message: string;
}

type Params = Record<string, unknown>;
type Rule = readonly [constraint: string, say: (label: string, params: Params) => string];

const RULES: Readonly<Record<string, Rule>> = {
  required: ['required', (label) => `${label} is required`],
  type: ['type', (label, { type }) => `${label} must be of type ${type}`],
  minimum: [
    'min_value',
    (label, { limit }) =>
      limit === 1 ? `${label} must be greater than 0` : `${label} must be at least ${limit}`,
  ],
  maximum: ['max_value', (label, { limit }) => `${label} must be at most ${limit}`],
  minLength: [
    'min_length',
    (label, { limit }) =>
      limit === 1 ? `${label} must not be empty` : `${label} must have at least ${limit} characters`,
  ],
  maxLength: ['max_length', (label, { limit }) => `${label} must have at most ${limit} characters`],
  minItems: [
    'min_items',
    (label, { limit }) =>
      limit === 1 ? `${label} must not be empty` : `${label} must have at least ${limit} items`,
  ],
  maxItems: ['max_items', (label, { limit }) => `${label} must have at most ${limit} items`],
  enum: [
    'enum',
    (label, { allowedValues }) => `${label} must be one of ${(allowedValues as string[]).join(', ')}`,
  ],
  pattern: ['pattern', (label) => `${label} holds characters that are not allowed`],
  format: ['format', (label, { format }) => `${label} must be a valid ${FORMATS[String(format)] ?? format}`],
  additionalProperties: ['unknown_property', (label) => `${label} is not a known property`],
};

const FORMATS: Readonly<Record<string, string>> = {
  'iso-4217': 'ISO 4217 currency code',
  'date-time': 'RFC 3339 date-time',
  'time-zone': 'IANA time zone',
};

/** The refusal for what the validator found. */
export function validationError(errors: readonly ErrorObject[]): DomainError {
  const faults = errors.map(toFault);
  const first = faults[0] ?? { field: 'body', constraint: 'invalid', message: 'The request is not valid' };
  return new DomainError('invalid_request', first.message, {
    details: { field: first.field, constraint: first.constraint, errors: [...faults] },
  });
}

/** The refusal of a body that is no JSON at all. */
export function malformedJson(): DomainError {
  return invalidField('body', 'json', 'The request body is not valid JSON');
}

/** The refusal of a body that is not UTF-8. */
export function brokenUtf8(): DomainError {
  return invalidField('body', 'encoding', 'The request body is not valid UTF-8');
}

function toFault(error: ErrorObject): FieldFault {
  const field = fieldOf(error);
  const [constraint, say] = RULES[error.keyword] ?? [
    error.keyword,
    (label: string) => `${label} is not valid`,
  ];
  return { field, constraint, message: say(labelOf(field), error.params) };
}

/** `/requestBody/merchants/0/id` is `merchants.0.id` to the caller; the body itself is `body`. */
function fieldOf({ instancePath, params }: ErrorObject): string {
  const segments = instancePath.split('/').slice(1).map(unescapePointer);
  const named: unknown = params['missingProperty'] ?? params['additionalProperty'];
  if (typeof named === 'string') {
    segments.push(named);
  }
  const inner = segments.slice(1).join('.');
  return inner === '' ? 'body' : inner;
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** `expires_in_minutes` reads as "Expires in minutes"; a nested field keeps its path. */
function labelOf(field: string): string {
  if (field === 'body') {
    return 'The request body';
  }
  const words = field.includes('.') ? field : field.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
