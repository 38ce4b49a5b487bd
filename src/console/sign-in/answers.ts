/**
 * Answers to the scripts of the sign-in, and to a browser whose operator has just signed in.
 */
import { DomainError } from '../../domain/errors.ts';
import type { SignInOrigin } from '../../services/operator-accounts/sign-in.ts';
import type { Language } from '../../web/console/texts/language.ts';
import { signInTexts } from '../../web/console/texts/sign-in.ts';
import type { Answer, CookieToSet } from '../call.ts';
import { SESSION_COOKIE } from '../cookies.ts';
import { PasskeyRefusal } from './passkeys.ts';

/** Runs `work` for a script; what it refuses, the script shows. */
export async function answerScript(language: Language, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PasskeyRefusal) {
      return { kind: 'json', status: 400, json: { error: signInTexts(language).problems[error.problem] } };
    }
    if (error instanceof DomainError) {
      return { kind: 'json', status: 400, json: { error: error.message } };
    }
    throw error;
  }
}

/** It ends with the browser, and in the gateway after its time. */
export function sessionCookie(secret: string | undefined): CookieToSet {
  return { name: SESSION_COOKIE, value: secret, sameSite: 'strict' };
}

/** From where the caller signs in. */
export function originOf(call: SignInOrigin): SignInOrigin {
  const { clientAddress, userAgent, requestId } = call;
  return { clientAddress, userAgent, requestId };
}
