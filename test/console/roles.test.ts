/**
 * Every route of the console with every role, requested for real. The table is written by hand and not derived from the rules, so
 * that a wrong rule shows here; a new route without a row does not compile.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES, type Route, type RouteId } from '../../src/console/routes.ts';
import { ROLES, type Role } from '../../src/domain/operators/roles.ts';
import {
  type ConsoleClient,
  type ConsoleResponse,
  startTestConsole,
  type TestConsole,
} from '../support/console.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

type Expected = 'admitted' | 'refused';

interface Row extends Readonly<Record<Role, Expected>> {
  /** Somebody without a session. */
  readonly stranger: Expected;
  /** An admin of one store of one merchant. */
  readonly storeAdmin: Expected;
}

const ANYONE = row(ROLES, 'admitted', 'admitted');
const SIGNED_IN = row(ROLES, 'refused', 'admitted');

/** Within the shops of the operator. */
function inShops(...roles: readonly Role[]): Row {
  return row(roles, 'refused', 'admitted');
}

/** For the whole gateway; nobody whose grants end at a merchant or store. */
function everywhere(...roles: readonly Role[]): Row {
  return row(roles, 'refused', 'refused');
}

function row(roles: readonly Role[], stranger: Expected, storeAdmin: Expected): Row {
  const of = (role: Role): Expected => (roles.includes(role) ? 'admitted' : 'refused');
  return {
    viewer: of('viewer'),
    support: of('support'),
    finance: of('finance'),
    refunder: of('refunder'),
    admin: of('admin'),
    stranger,
    storeAdmin,
  };
}

const TABLE: Readonly<Record<RouteId, Row>> = {
  getAsset: ANYONE,
  changeLanguage: ANYONE,
  showSignIn: ANYONE,
  startSignIn: ANYONE,
  signIn: ANYONE,
  startOidc: ANYONE,
  finishOidc: ANYONE,
  showDemoLink: ANYONE,
  signInByDemoLink: ANYONE,
  showInvitation: ANYONE,
  startRegistration: ANYONE,
  register: ANYONE,

  showAccount: SIGNED_IN,
  startAddingPasskey: SIGNED_IN,
  addPasskey: SIGNED_IN,
  removePasskey: SIGNED_IN,
  endOwnSession: SIGNED_IN,
  endOtherSessions: SIGNED_IN,
  signOut: SIGNED_IN,
  startVerification: SIGNED_IN,
  startOidcVerification: SIGNED_IN,
  verify: SIGNED_IN,

  showHome: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  search: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  listPayments: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  exportPayments: inShops('finance', 'admin'),
  showExportProgress: inShops('finance', 'admin'),
  listRefunds: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  showPayment: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  refreshPayment: inShops('support', 'finance', 'refunder', 'admin'),
  notePayment: inShops('support', 'finance', 'refunder', 'admin'),
  cancelPayment: inShops('support', 'refunder', 'admin'),
  capturePayment: inShops('refunder', 'admin'),
  refundPayment: inShops('refunder', 'admin'),

  listMerchants: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  showMerchant: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  setMerchantLimit: everywhere('admin'),
  listKeys: inShops('admin'),
  createKey: inShops('admin'),
  showKey: inShops('admin'),
  updateKey: inShops('admin'),
  rotateKey: inShops('admin'),
  revokeKey: inShops('admin'),

  listEndpoints: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  showEndpoint: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  pauseEndpoint: inShops('support', 'admin'),
  enableEndpoint: inShops('support', 'admin'),
  showDelivery: inShops('viewer', 'support', 'finance', 'refunder', 'admin'),
  redeliver: inShops('support', 'admin'),
  listInbox: everywhere('support', 'admin'),
  showInboxWebhook: everywhere('support', 'admin'),
  replayInbox: everywhere('support', 'admin'),
  showHealth: everywhere('viewer', 'support', 'finance', 'refunder', 'admin'),

  listOperators: inShops('admin'),
  inviteOperator: inShops('admin'),
  showOperator: inShops('admin'),
  changeGrants: inShops('admin'),
  inviteAgain: inShops('admin'),
  endOperatorSessions: inShops('admin'),
  disableOperator: inShops('admin'),
  enableOperator: inShops('admin'),

  listAudit: everywhere('finance', 'admin'),
  exportAudit: everywhere('finance', 'admin'),
  verifyAudit: everywhere('finance', 'admin'),
};

/** The role of the operator of each column; undefined: nobody is signed in. */
const COLUMNS: Readonly<Record<keyof Row, Role | undefined>> = {
  viewer: 'viewer',
  support: 'support',
  finance: 'finance',
  refunder: 'refunder',
  admin: 'admin',
  stranger: undefined,
  storeAdmin: 'admin',
};

let gateway: TestGateway;
let console: TestConsole;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

describe('the routes of the console', () => {
  it.each(Object.keys(COLUMNS) as (keyof Row)[])('admit exactly whom the table names: %s', async (column) => {
    const client = await clientOf(column);
    const found: Record<string, Expected> = {};
    for (const id of inOrder()) {
      const response = await request(client, id);
      expect(response.status, id).toBeLessThan(500);
      found[id] = isRefused(response) ? 'refused' : 'admitted';
    }
    const expected = Object.fromEntries(inOrder().map((id) => [id, TABLE[id][column]]));
    expect(found).toEqual(expected);
  });

  it('refuse an operator without grants everything but their own account', async () => {
    const client = await console.signIn();
    for (const id of inOrder()) {
      const isOpen = ROUTES[id].rule.kind !== 'permission';
      expect(isRefused(await request(client, id)), id).toBe(!isOpen);
    }
  });
});

async function clientOf(column: keyof Row): Promise<ConsoleClient> {
  const role = COLUMNS[column];
  if (role === undefined) {
    return console.stranger;
  }
  const { merchantId, storeId } = await gateway.newMerchant();
  return console.signIn(column === 'storeAdmin' ? { role, merchantId, storeId } : role);
}

/** Signing out comes last, because it ends the session. */
function inOrder(): RouteId[] {
  const ids = Object.keys(ROUTES) as RouteId[];
  return [...ids.filter((id) => id !== 'signOut'), 'signOut'];
}

/** With made-up ids and an empty form, so that nothing is found and nothing done. */
function request(client: ConsoleClient, id: RouteId): Promise<ConsoleResponse> {
  const { method, path }: Route = ROUTES[id];
  const target = path.replaceAll(/:\w+/g, 'made_up');
  return method === 'GET' ? client.get(target) : client.post(target);
}

/** Forbidden, or led to the sign-in. Signing out leads there too, after it was done. */
function isRefused({ status, location, headers }: ConsoleResponse): boolean {
  const isSignedOut = headers.getSetCookie().length > 0;
  return status === 401 || status === 403 || (location?.startsWith('/sign-in') === true && !isSignedOut);
}
