/**
 * The handler of every route.
 */
import type { Handlers } from './call.ts';
import { accountHandlers } from './handlers/account.ts';
import { assetsHandlers } from './handlers/assets.ts';
import { auditHandlers } from './handlers/audit.ts';
import { endpointsHandlers } from './handlers/endpoints.ts';
import { healthHandlers } from './handlers/health.ts';
import { inboxHandlers } from './handlers/inbox.ts';
import { keysHandlers } from './handlers/keys.ts';
import { merchantsHandlers } from './handlers/merchants.ts';
import { oidcHandlers } from './handlers/oidc.ts';
import { operatorsHandlers } from './handlers/operators.ts';
import { paymentHandlers } from './handlers/payment.ts';
import { paymentsHandlers } from './handlers/payments.ts';
import { signInHandlers } from './handlers/sign-in.ts';

export const HANDLERS: Handlers = {
  ...assetsHandlers,
  ...signInHandlers,
  ...oidcHandlers,
  ...accountHandlers,
  ...paymentsHandlers,
  ...paymentHandlers,
  ...merchantsHandlers,
  ...keysHandlers,
  ...endpointsHandlers,
  ...inboxHandlers,
  ...healthHandlers,
  ...operatorsHandlers,
  ...auditHandlers,
};
