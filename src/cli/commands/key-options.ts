/**
 * What `pgw keys` says about a key: the options that name its scopes, label and limits, and how they are shown.
 */
import type { Command } from 'commander';
import { parseDateTime } from '../../lib/date-time.ts';
import { UsageError } from '../../lib/terminal.ts';
import type { KeySettings } from '../../services/keys/key-limits.ts';
import type { ApiKey, Scope } from '../../store/api-keys.ts';

export interface SettingOptions {
  readonly label?: string;
  readonly store?: readonly string[];
  readonly allowIp?: readonly string[];
  readonly expires?: string;
  readonly maxRefund?: string;
}

/** Adds the options of label and limits to a command. */
export function withSettingOptions(command: Command): Command {
  return command
    .option('--label <text>', 'what the key is for')
    .option(
      '--store <id>',
      'limit the key to this store; repeat it for several (all stores if not given)',
      (id: string, before: readonly string[] = []) => [...before, id],
    )
    .option(
      '--allow-ip <ranges>',
      'accept the key only from these IP addresses and CIDR ranges, separated by commas',
      (list: string, before: readonly string[] = []) => [...before, ...splitList(list)],
    )
    .option(
      '--expires <when>',
      'the end of the key: a time such as 2027-03-31T15:00:00+09:00, a date (its start in UTC), or from now, such as 12h, ' +
        '90d or 52w',
    )
    .option(
      '--max-refund <amount>',
      'the most that one refund with this key may be, in the smallest unit of the currency',
    );
}

/** The settings that were given. @throws UsageError */
export function readSettings(options: SettingOptions, now: Date): KeySettings {
  const { label, store: storeIds, allowIp: allowedIps, expires, maxRefund } = options;
  return {
    ...(label !== undefined && { label }),
    ...(storeIds && { storeIds }),
    ...(allowedIps && { allowedIps }),
    ...(expires !== undefined && { plannedExpiresAt: readEnd(expires, now) }),
    ...(maxRefund !== undefined && { maxRefundAmount: readAmount(maxRefund) }),
  };
}

const CLEARED = {
  label: { label: undefined },
  store: { storeIds: undefined },
  'allow-ip': { allowedIps: undefined },
  expires: { plannedExpiresAt: undefined },
  'max-refund': { maxRefundAmount: undefined },
} as const satisfies Readonly<Record<string, KeySettings>>;

export const CLEARABLE = Object.keys(CLEARED).join(',');

/** The settings that are removed. @throws UsageError */
export function readCleared(list: string): KeySettings {
  const names = splitList(list);
  const unknown = names.find((name) => !Object.hasOwn(CLEARED, name));
  if (unknown !== undefined) {
    throw new UsageError(`--clear ${unknown || '""'} is not one of ${CLEARABLE.replaceAll(',', ', ')}`);
  }
  return Object.assign({}, ...names.map((name) => CLEARED[name as keyof typeof CLEARED]));
}

const MERCHANT_SCOPES = [
  'payments',
  'refunds',
  'refunds:cash',
  'events',
  'reports',
] as const satisfies readonly Scope[];

/** @throws UsageError when one of them is not the scope of a merchant's key */
export function readScopes(list: string): Scope[] {
  const scopes = [...new Set(splitList(list))];
  const unknown = scopes.find((scope) => !isMerchantScope(scope));
  if (unknown !== undefined) {
    throw new UsageError(`--scope ${unknown || '""'} is not one of ${MERCHANT_SCOPES.join(', ')}`);
  }
  return scopes.filter(isMerchantScope);
}

function isMerchantScope(scope: string): scope is (typeof MERCHANT_SCOPES)[number] {
  return (MERCHANT_SCOPES as readonly string[]).includes(scope);
}

const UNIT_MS = { h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

function readEnd(text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,4})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) {
    return new Date(now.getTime() + Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]);
  }
  const end = parseDateTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (!end) {
    throw new UsageError(
      `--expires ${text} is neither a date, nor a time with its zone, nor a duration such as 12h, 90d or 52w`,
    );
  }
  return end;
}

function readAmount(text: string): number {
  if (!/^\d{1,11}$/.test(text)) {
    throw new UsageError('--max-refund must be a whole number, in the smallest unit of the currency');
  }
  return Number(text);
}

function splitList(list: string): string[] {
  return list.split(',').map((item) => item.trim());
}

/** A key as `keys list` prints it; without its secret. */
export function presentKey(key: ApiKey) {
  return {
    api_key: key.apiKey,
    merchant_id: key.merchantId ?? null,
    upstream: key.upstream ?? null,
    scopes: key.scopes,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    label: key.label ?? null,
    store_ids: key.storeIds ?? null,
    allowed_ips: key.allowedIps ?? null,
    max_refund_amount: key.maxRefundAmount ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}

/** The headings of `keyCells`. */
export const KEY_HEADINGS = [
  'API KEY',
  'MERCHANT',
  'UPSTREAM',
  'SCOPES',
  'CREATED',
  'EXPIRES',
  'REVOKED',
  'LABEL',
  'LIMITS',
  'LAST USED',
];

/** The row of a key in the table of `keys list`. */
export function keyCells(key: ApiKey): string[] {
  const shown = presentKey(key);
  const { label, store_ids, allowed_ips, max_refund_amount, last_used_at, ...first } = shown;
  const limits = [
    store_ids && `stores ${store_ids.join(',')}`,
    allowed_ips && `from ${allowed_ips.join(',')}`,
    max_refund_amount !== null && `refunds up to ${max_refund_amount}`,
  ].filter((limit) => limit !== null && limit !== false);
  const last = [label, limits.length === 0 ? null : limits.join('; '), last_used_at];
  return [...Object.values(first), ...last].map((cell) => String(cell ?? '-'));
}

/** The limits that a new key has, as far as it has any. */
export function presentSettings(key: ApiKey): Readonly<Record<string, unknown>> {
  const { label, store_ids, allowed_ips, expires_at, max_refund_amount } = presentKey(key);
  const settings = { label, store_ids, allowed_ips, expires_at, max_refund_amount };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
}
