/**
 * One operator: what they may do, where they are signed in, and the acts on them.
 */
import type { OperatorRecord, OperatorSession, Passkey } from '../../../../domain/operators/operator.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { browserName } from '../../browser-name.ts';
import { facts, panel, time } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import { type ActView, actForm } from '../../components/forms.ts';
import { hint, notice, pageHead, problem } from '../../components/page.ts';
import { table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { type OperatorDone, operatorTexts } from '../../texts/operators.ts';
import { type GrantRow, grantFields, rowsOfGrants } from './form.ts';
import { grantList } from './grants.ts';
import { operatorBadge } from './list.ts';

export type OperatorActName = 'grants' | 'invite' | 'sessions/end' | 'disable' | 'enable';

/** The act that was refused, why, and what was entered. */
export interface RefusedAct {
  readonly act: OperatorActName;
  readonly problem: string;
  readonly reason: string;
  readonly rows: readonly GrantRow[];
}

export interface OperatorView {
  readonly operator: OperatorRecord;
  readonly sessions: readonly OperatorSession[];
  readonly passkeys: readonly Pick<Passkey, 'label' | 'createdAt' | 'lastUsedAt'>[];
  /** Why the reader may not change this operator; undefined when they may, or may only look. */
  readonly hindrance: 'own' | 'demoNote' | 'tooMuch' | undefined;
  readonly mayChange: boolean;
  readonly done?: OperatorDone | undefined;
  readonly refused?: RefusedAct | undefined;
}

export function renderOperator(view: OperatorView, language: Language): Page {
  const texts = operatorTexts(language);
  const { operator, done, hindrance, mayChange } = view;
  const main = html`${pageHead({
    title: operator.name,
    parent: { label: texts.title, href: '/operators' },
    badge: operatorBadge(operator, language),
    below: copyId(operator.id, language),
  })}
${done && notice(texts.done[done])}
${!mayChange && view.refused && problem(view.refused.problem)}
${hindrance && hint(texts[hindrance])}
${panel(texts.roles, grantList(operator.grants, language))}
${panel(texts.about, about(operator, language))}
${operator.passkeys > 0 && panel(texts.passkeysTitle, passkeyTable(view, language))}
${panel(texts.sessions, sessionTable(view, language))}
${mayChange && panel(texts.acts, acts(view, language))}`;
  return { title: operator.name, main };
}

function about(operator: OperatorRecord, language: Language): Html {
  const texts = operatorTexts(language);
  const ways = [
    operator.passkeys > 0 && texts.passkeys(operator.passkeys),
    operator.hasOidc && texts.organization,
  ].filter((way) => way !== false);
  return facts([
    { label: texts.signsInWith, value: ways.join(', ') || texts.nothing },
    { label: texts.lastSeen, value: operator.lastSeenAt ? time(operator.lastSeenAt) : texts.never },
    { label: texts.created, value: time(operator.createdAt) },
  ]);
}

/** So that a passkey is noticed which somebody else has added. */
function passkeyTable({ passkeys }: OperatorView, language: Language): Html {
  const texts = operatorTexts(language);
  return table({
    caption: texts.passkeysTitle,
    columns: [{ label: texts.madeOn }, { label: texts.registered }, { label: texts.lastUsed }],
    empty: texts.nothing,
    rows: passkeys.map(({ label, createdAt, lastUsedAt }) => [
      label,
      time(createdAt),
      lastUsedAt ? time(lastUsedAt) : texts.never,
    ]),
  });
}

function sessionTable({ sessions }: OperatorView, language: Language): Html {
  const texts = operatorTexts(language);
  return table({
    caption: texts.sessions,
    columns: [
      { label: texts.browser },
      { label: texts.address },
      { label: texts.since },
      { label: texts.lastSeen },
    ],
    empty: texts.noSessions,
    rows: sessions.map(({ userAgent, clientAddress, createdAt, lastSeenAt }) => [
      browserName(userAgent),
      clientAddress ?? '',
      time(createdAt),
      time(lastSeenAt),
    ]),
  });
}

function acts({ operator, sessions, refused }: OperatorView, language: Language): Html {
  const texts = operatorTexts(language);
  const form = (name: OperatorActName, view: Omit<ActView, 'action' | 'refused'>) =>
    actForm(
      {
        ...view,
        action: `/operators/${operator.id}/${name}`,
        refused: refused?.act === name ? refused : undefined,
      },
      language,
    );
  const rows = refused?.act === 'grants' ? refused.rows : rowsOfGrants(operator.grants);
  const grants = form('grants', {
    title: texts.changeGrants,
    explanation: texts.changeGrantsExplanation,
    fields: grantFields(rows, 2, language),
  });
  if (operator.disabledAt) {
    const enable = form('enable', { title: texts.enable, explanation: texts.enableExplanation });
    return html`${enable}${grants}`;
  }
  const end = { title: texts.endSessions, explanation: texts.endSessionsExplanation };
  return html`${grants}
${form('invite', { title: texts.inviteAgain, explanation: texts.inviteAgainExplanation })}
${sessions.length > 0 && form('sessions/end', end)}
${form('disable', { title: texts.disable, explanation: texts.disableExplanation, isGrave: true })}`;
}
