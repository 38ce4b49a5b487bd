/**
 * Operators: the list, one of them, and the acts on them. Those that have something outside the reader's scope are not there.
 */
import { DomainError } from '../../domain/errors.ts';
import { type OperatorScope, scopeOf } from '../../domain/operators/grants.ts';
import { isOperatorInScope, mayManage } from '../../domain/operators/manage.ts';
import type { OperatorRecord } from '../../domain/operators/operator.ts';
import { isId } from '../../lib/ids.ts';
import type { OperatorAct } from '../../services/operator-accounts/acts.ts';
import {
  changeGrants,
  disableOperator,
  enableOperator,
  endSessionsOf,
  inviteAgain,
  inviteOperator,
} from '../../services/operator-accounts/manage.ts';
import { listOpenSessions, type SignedIn } from '../../services/operator-accounts/sessions.ts';
import { findOperator, listOperators } from '../../store/operator-accounts/operators.ts';
import { listPasskeys } from '../../store/operator-accounts/passkeys.ts';
import { rowsOfForm } from '../../web/console/pages/operators/form.ts';
import {
  type OperatorListView,
  renderInvited,
  renderOperatorList,
} from '../../web/console/pages/operators/list.ts';
import {
  type OperatorActName,
  type OperatorView,
  renderOperator,
} from '../../web/console/pages/operators/operator.ts';
import type { Language } from '../../web/console/texts/language.ts';
import { operatorProblem } from '../../web/console/texts/operator-problems.ts';
import { type OperatorDone, operatorTexts } from '../../web/console/texts/operators.ts';
import type { Answer, Call, ConsoleDeps, Handlers } from '../call.ts';
import { doneOf, field, requireReason } from '../forms.ts';
import { readGrants } from '../operators/grants-form.ts';
import { notFound } from '../refusals.ts';

const PAGE = 50;

/** Any act on one operator. */
type ActCall = Call<'changeGrants'>;

export const operatorsHandlers: Pick<
  Handlers,
  | 'listOperators'
  | 'inviteOperator'
  | 'showOperator'
  | 'changeGrants'
  | 'inviteAgain'
  | 'endOperatorSessions'
  | 'disableOperator'
  | 'enableOperator'
> = {
  listOperators(deps, { scope, signedIn, query, language }) {
    const after = query.get('after') ?? '';
    return listPage(deps, scope, signedIn, language, { after: isId('op', after) ? after : undefined });
  },

  async inviteOperator(deps, call) {
    const { form, language, scope, signedIn } = call;
    const name = field(form, 'name') ?? '';
    try {
      const invited = await inviteOperator(deps, actOf(call), { name, grants: readGrants(form) });
      return invitedPage(deps, invited, call);
    } catch (error) {
      const problem = problemOf(error, call.language);
      const refused = { problem, reason: form.get('reason') ?? '', name, rows: rowsOfForm(form) };
      return listPage(deps, scope, signedIn, language, { refused });
    }
  },

  async showOperator(deps, { params, scope, signedIn, query, language }) {
    const operator = await getOperator(deps, scope, params.operatorId);
    const done = doneOf(query, operatorTexts(language).done);
    return operatorPage(deps, operator, signedIn, language, { done });
  },

  changeGrants(deps, call) {
    return actOn(deps, call, 'grants', async (act, id) => {
      await changeGrants(deps, act, id, readGrants(call.form));
      return done(id, 'grants_changed');
    });
  },

  inviteAgain(deps, call) {
    return actOn(deps, call, 'invite', async (act, id) =>
      invitedPage(deps, await inviteAgain(deps, act, id), call),
    );
  },

  endOperatorSessions(deps, call) {
    return actOn(deps, call, 'sessions/end', async (act, id) => {
      await endSessionsOf(deps, act, id);
      return done(id, 'sessions_ended');
    });
  },

  disableOperator(deps, call) {
    return actOn(deps, call, 'disable', async (act, id) => {
      await disableOperator(deps, act, id);
      return done(id, 'disabled');
    });
  },

  enableOperator(deps, call) {
    return actOn(deps, call, 'enable', async (act, id) => {
      await enableOperator(deps, act, id);
      return done(id, 'enabled');
    });
  },
};

/** Runs the act; if it is refused, shows the operator again with its form open and what was entered. */
async function actOn(
  deps: ConsoleDeps,
  call: ActCall,
  name: OperatorActName,
  run: (act: OperatorAct, id: string) => Promise<Answer>,
): Promise<Answer> {
  const operator = await getOperator(deps, call.scope, call.params.operatorId);
  try {
    return await run(actOf(call), operator.id);
  } catch (error) {
    const refused = {
      act: name,
      problem: problemOf(error, call.language),
      reason: call.form.get('reason') ?? '',
      rows: rowsOfForm(call.form),
    };
    return operatorPage(deps, operator, call.signedIn, call.language, { refused });
  }
}

/** @throws invalid_request without a reason */
function actOf({
  actor,
  form,
  language,
  clientAddress,
  requestId,
}: Pick<ActCall, 'actor' | 'form' | 'language' | 'clientAddress' | 'requestId'>): OperatorAct {
  return { actor, reason: requireReason(form, language), clientAddress, requestId };
}

/** What a service says. @throws anything that is no refusal */
function problemOf(error: unknown, language: Language): string {
  if (error instanceof DomainError && error.code !== 'not_found') {
    return operatorProblem(error, language);
  }
  throw error;
}

function done(id: string, word: OperatorDone): Answer {
  return { kind: 'redirect', to: `/operators/${id}?done=${word}` };
}

/** @throws notFound() for an operator outside the scope too */
async function getOperator(deps: ConsoleDeps, scope: OperatorScope, id: string): Promise<OperatorRecord> {
  const operator = isId('op', id) ? await findOperator(deps.db, id) : undefined;
  if (!operator || !isOperatorInScope(scope, operator.grants)) {
    throw notFound();
  }
  return operator;
}

async function listPage(
  deps: ConsoleDeps,
  scope: OperatorScope,
  { operator: { grants } }: SignedIn,
  language: Call<'listOperators'>['language'],
  { after, refused }: { readonly after?: string | undefined } & Pick<OperatorListView, 'refused'>,
): Promise<Answer> {
  const found = await listOperators(deps.db, scope, after, PAGE + 1);
  const operators = found.slice(0, PAGE);
  const view: OperatorListView = {
    operators,
    next: found.length > PAGE ? operators.at(-1)?.id : undefined,
    isFirst: after === undefined,
    mayInvite: scopeOf(grants, 'operators:change') !== undefined,
    refused,
  };
  return { kind: 'page', status: refused ? 400 : 200, page: renderOperatorList(view, language) };
}

async function operatorPage(
  deps: ConsoleDeps,
  operator: OperatorRecord,
  { operator: self }: SignedIn,
  language: Call<'showOperator'>['language'],
  outcome: Pick<OperatorView, 'done' | 'refused'>,
): Promise<Answer> {
  const isChanger = scopeOf(self.grants, 'operators:change') !== undefined;
  const hindrance = isChanger ? hindranceOf(self, operator) : undefined;
  const [sessions, passkeys] = await Promise.all([
    listOpenSessions(deps, operator.id),
    listPasskeys(deps.db, operator.id),
  ]);
  const view = { operator, sessions, passkeys, hindrance, mayChange: isChanger && !hindrance, ...outcome };
  return { kind: 'page', status: outcome.refused ? 400 : 200, page: renderOperator(view, language) };
}

function hindranceOf(self: OperatorRecord, operator: OperatorRecord): OperatorView['hindrance'] {
  if (operator.id === self.id) {
    return 'own';
  }
  if (operator.isDemo) {
    return 'demoNote';
  }
  return mayManage(self.grants, operator.grants) ? undefined : 'tooMuch';
}

function invitedPage(
  { options }: ConsoleDeps,
  { operator, token }: { readonly operator: OperatorRecord; readonly token: string },
  { language }: Pick<ActCall, 'language'>,
): Answer {
  return { kind: 'page', page: renderInvited(operator, `${options.url}/invitations/${token}`, language) };
}
