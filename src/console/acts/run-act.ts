/**
 * Acts: from the form of a page to a service, and back to the page when the service refuses.
 */
import type { ActContext, Actor } from '../../domain/audit/act.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Language } from '../../web/console/texts/language.ts';
import type { Answer } from '../call.ts';
import { requireReason } from '../forms.ts';

interface ActCall {
  readonly actor: Actor;
  readonly form: URLSearchParams;
  readonly language: Language;
  readonly clientAddress: string | undefined;
  readonly requestId: string;
}

/** Why an act was refused, and what was entered. */
export interface RefusedAct {
  readonly problem: string;
  readonly reason: string;
  readonly form: URLSearchParams;
}

/** Texts for refusals in the language of the page, by field and constraint. */
export type ProblemTexts = Readonly<Record<string, string>>;

export interface ActRun {
  run(by: ActContext): Promise<Answer>;
  /** The page with the form open, what was entered, and why it was refused. */
  refuse(refused: RefusedAct): Promise<Answer>;
  readonly problems?: ProblemTexts;
}

/** Runs an act for the reason in its form. Refusals of the input show the page again, others are pages of their own. */
export async function runAct(call: ActCall, { run, refuse, problems }: ActRun): Promise<Answer> {
  const { actor, clientAddress, requestId, form } = call;
  try {
    const reason = requireReason(form, call.language);
    return await run({ actor, reason, clientAddress, requestId });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid_request') {
      throw error;
    }
    const answer = await refuse({
      problem: problemOf(error, problems),
      reason: form.get('reason') ?? '',
      form,
    });
    return answer.kind === 'page' ? { ...answer, status: 400 } : answer;
  }
}

function problemOf({ details, message }: DomainError, problems: ProblemTexts = {}): string {
  const { field, constraint } = details as { readonly field?: string; readonly constraint?: string };
  return problems[`${field}.${constraint}`] ?? problems[field ?? ''] ?? message;
}
