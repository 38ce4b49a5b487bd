/**
 * `pgw operators …`: invites operators of the console, lists, disables and enables them.
 */
import type { Command } from 'commander';
import { consoleUrl } from '../../bootstrap/console/console-url.ts';
import { openClock, readDatabase, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import type { Grant } from '../../domain/operators/grants.ts';
import type { OperatorRecord } from '../../domain/operators/operator.ts';
import { isRole, ROLES } from '../../domain/operators/roles.ts';
import { isId } from '../../lib/ids.ts';
import { type JsonOption, printResult, UsageError } from '../../lib/terminal.ts';
import {
  disableOperator,
  enableOperator,
  type Invited,
  inviteAgain,
  inviteOperator,
  type OperatorDeps,
} from '../../services/operator-accounts/manage.ts';
import { listOperators } from '../../store/operator-accounts/operators.ts';
import { actContextOf, type ReasonOption, withReason } from '../act-options.ts';
import { examples } from '../output/examples.ts';
import { printable, printList } from '../output/list.ts';

/** More than there can be. */
const ALL = 10_000;

interface InviteOptions extends JsonOption, ReasonOption {
  readonly role?: string;
  readonly name?: string;
  readonly merchant?: string;
  readonly store?: string;
  readonly maxRefund?: string;
  readonly operator?: string;
}

type ChangeOptions = JsonOption & ReasonOption;

export function addOperatorsCommands(program: Command): void {
  const operators = program.command('operators').description('manage the operators of the console');
  addInviteCommand(operators);
  operators
    .command('list')
    .description('list operators with their roles')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('operators list'))
    .action(list);
  withReason(operators.command('disable <id>'))
    .description('sign an operator out everywhere, and let them sign in no more')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('operators disable op_01JHMB5V00ZX8Y7W6V5T4S3R2Q'))
    .action(async (id: string, options: ChangeOptions) => {
      const act = actContextOf(options);
      const changed = await withOperators((deps) => disableOperator(deps, act, requireId(id)));
      const text = changed ? `${id} is disabled.` : `${id} was disabled already.`;
      printResult(options, { id, disabled: true }, text);
    });
  withReason(operators.command('enable <id>'))
    .description('let a disabled operator sign in again')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('operators enable op_01JHMB5V00ZX8Y7W6V5T4S3R2Q'))
    .action(async (id: string, options: ChangeOptions) => {
      const act = actContextOf(options);
      const changed = await withOperators((deps) => enableOperator(deps, act, requireId(id)));
      const text = changed ? `${id} is enabled.` : `${id} was enabled already.`;
      printResult(options, { id, disabled: false }, text);
    });
}

function addInviteCommand(operators: Command): void {
  withReason(operators.command('invite'))
    .description('make a link, valid once and for 15 minutes, by which somebody registers as an operator')
    .option('--role <roles>', `what they may do: some of ${ROLES.join(',')}`)
    .option('--name <name>', 'as colleagues know them')
    .option('--merchant <id>', 'only for this merchant')
    .option('--store <id>', 'only for this store of the merchant')
    .option('--max-refund <amount>', 'the largest refund that they may make')
    .option('--operator <id>', 'a new link for an operator who has not registered, or has lost their devices')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'operators invite --role admin --name Yuki',
        'operators invite --role support,refunder --name Ken --merchant merchant_001 --store store_001 --max-refund 10000',
        'operators invite --operator op_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
      ),
    )
    .action(invite);
}

async function invite(options: InviteOptions): Promise<void> {
  const config = loadConfig();
  const base = await consoleUrl(config);
  const invited = await withOperators((deps) => inviteBy(deps, options));
  const { operator, token, expiresAt } = invited;
  const link = `${base}/invitations/${token}`;
  const shown = { id: operator.id, name: operator.name, link, expires_at: expiresAt.toISOString() };
  printResult(
    options,
    shown,
    `${printable(operator.name)} (${operator.id}) registers with this link, once and within 15 minutes:\n\n  ${link}`,
  );
}

function inviteBy(deps: OperatorDeps, options: InviteOptions): Promise<Invited> {
  const { operator, role, name = 'Operator' } = options;
  const act = actContextOf(options);
  if (operator !== undefined) {
    if (role !== undefined || options.name !== undefined) {
      throw new UsageError('--operator takes neither --role nor --name: they stay as they are');
    }
    return inviteAgain(deps, act, requireId(operator));
  }
  if (role === undefined) {
    throw new UsageError(`--role is required: some of ${ROLES.join(',')}`);
  }
  return inviteOperator(deps, act, { name, grants: role.split(',').map((one) => readGrant(one, options)) });
}

function readGrant(role: string, { merchant, store, maxRefund }: InviteOptions): Grant {
  const trimmed = role.trim();
  if (!isRole(trimmed)) {
    throw new UsageError(`there is no role ${trimmed}: choose some of ${ROLES.join(',')}`);
  }
  if (maxRefund !== undefined && !/^[1-9]\d{0,10}$/.test(maxRefund)) {
    throw new UsageError('--max-refund must be a whole number from 1 to 99999999999');
  }
  const isLimited = maxRefund !== undefined && (trimmed === 'refunder' || trimmed === 'admin');
  return {
    role: trimmed,
    merchantId: merchant,
    storeId: store,
    maxRefundAmount: isLimited ? Number(maxRefund) : undefined,
  };
}

async function list(options: JsonOption): Promise<void> {
  const found = await readDatabase(loadConfig(), (db) =>
    listOperators(db, { kind: 'everything' }, undefined, ALL),
  );
  printList(options, found.map(present), {
    headings: ['ID', 'NAME', 'ROLES', 'PASSKEYS', 'STATUS', 'LAST SEEN'],
    rows: found.map((operator) => [
      operator.id,
      printable(operator.name),
      operator.grants.map(grantText).join(', ') || '-',
      String(operator.passkeys),
      statusOf(operator),
      operator.lastSeenAt?.toISOString() ?? '-',
    ]),
    noun: 'operator',
    none: 'There are no operators. pgw operators invite makes one.',
  });
}

function present(operator: OperatorRecord) {
  return {
    id: operator.id,
    name: operator.name,
    status: statusOf(operator),
    grants: operator.grants.map(({ role, merchantId, storeId, maxRefundAmount }) => ({
      role,
      merchant_id: merchantId,
      store_id: storeId,
      max_refund_amount: maxRefundAmount,
    })),
    passkeys: operator.passkeys,
    created_at: operator.createdAt.toISOString(),
    last_seen_at: operator.lastSeenAt?.toISOString(),
  };
}

function statusOf({ disabledAt, isDemo, passkeys, hasOidc }: OperatorRecord): string {
  if (disabledAt) {
    return 'disabled';
  }
  if (isDemo) {
    return 'demo';
  }
  return passkeys > 0 || hasOidc ? 'enabled' : 'invited';
}

function grantText({ role, merchantId, storeId, maxRefundAmount }: Grant): string {
  const where = [merchantId, storeId].filter((part) => part !== undefined).join('/');
  const limit = maxRefundAmount === undefined ? '' : ` up to ${maxRefundAmount}`;
  return `${role}${where === '' ? '' : ` at ${where}`}${limit}`;
}

function requireId(id: string): string {
  if (!isId('op', id)) {
    throw new UsageError(`${printable(id)} is not the id of an operator, which begins with op_`);
  }
  return id;
}

async function withOperators<T>(work: (deps: OperatorDeps) => Promise<T>): Promise<T> {
  return withDatabase(loadConfig(), async (db) => {
    const clock = await openClock(db);
    return work({ db, clock, wallClock: clock });
  });
}
