/**
 * Asks an operator to prove again who they are, before an act that needs it. The page keeps the form, and sends it when they have.
 */
import type { SignedIn } from '../services/operator-accounts/sessions.ts';
import { renderVerifyPage } from '../web/console/pages/verify.ts';
import type { Language } from '../web/console/texts/language.ts';
import type { Answer } from './call.ts';
import type { Route } from './routes.ts';

interface Interrupted {
  readonly signedIn: SignedIn;
  readonly form: URLSearchParams;
  readonly language: Language;
  readonly target: string;
}

export function askToVerify(
  { form, language, target, signedIn: { operator } }: Interrupted,
  { body }: Route,
  hasProvider: boolean,
): Answer {
  if (body === 'json') {
    return { kind: 'json', status: 403, json: { error: 'verify' } };
  }
  const hasPasskey = operator.passkeys > 0;
  const view = {
    form: { action: target, fields: [...form] },
    hasPasskey,
    hasOidc: hasProvider && operator.hasOidc,
  };
  return { kind: 'page', status: 403, page: renderVerifyPage(view, language) };
}
