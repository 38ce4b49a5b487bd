/**
 * An operator's own account: passkeys and sessions.
 */
import type { OperatorRecord, OperatorSession, Passkey } from '../../../../domain/operators/operator.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { browserName } from '../../browser-name.ts';
import { badge, panel, time } from '../../components/basics.ts';
import { hint, notice, pageHead, problem } from '../../components/page.ts';
import { table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { type AccountDone, accountTexts } from '../../texts/operators.ts';
import { grantList } from '../operators/grants.ts';
import { ceremonyForm } from '../sign-in/ceremony.ts';

export interface AccountView {
  readonly operator: OperatorRecord;
  readonly passkeys: readonly Passkey[];
  readonly sessions: readonly OperatorSession[];
  /** The hash of this session. */
  readonly current: string;
  readonly done?: AccountDone | undefined;
  /** Why something was not done. */
  readonly problem?: string | undefined;
}

export function renderAccountPage(view: AccountView, language: Language): Page {
  const texts = accountTexts(language);
  const { operator, done } = view;
  const main = html`${pageHead({ title: operator.name, below: texts.title })}
${done && notice(texts.done[done])}
${view.problem !== undefined && problem(view.problem)}
${panel(texts.roles, grantList(operator.grants, language))}
${panel(texts.passkeys, passkeysOf(view, language))}
${panel(texts.sessions, sessionsOf(view, language), view.sessions.length > 1 ? endOthers(language) : undefined)}`;
  return { title: texts.title, main };
}

function passkeysOf({ operator, passkeys }: AccountView, language: Language): Html {
  const texts = accountTexts(language);
  if (operator.isDemo) {
    return hint(texts.demoPasskeys);
  }
  const list = table({
    caption: texts.passkeysCaption,
    columns: [
      { label: texts.madeOn },
      { label: texts.created },
      { label: texts.lastUsed },
      { label: texts.act, onPhone: 'wide' },
    ],
    empty: texts.noPasskeys,
    rows: passkeys.map(({ id, label, createdAt, lastUsedAt }) => [
      label,
      time(createdAt),
      lastUsedAt ? time(lastUsedAt) : texts.never,
      passkeys.length > 1 || operator.hasOidc
        ? html`<form method="post" action="/account/passkeys/${id}/remove"><button class="plain">${texts.remove}</button></form>`
        : '',
    ]),
  });
  const add = ceremonyForm(
    {
      kind: 'create',
      optionsPath: '/account/passkeys/options',
      resultPath: '/account/passkeys',
      label: texts.add,
    },
    language,
  );
  return html`${list}<div class="below-table">${hint(texts.addHint)}${add}</div>`;
}

function sessionsOf({ sessions, current }: AccountView, language: Language): Html {
  const texts = accountTexts(language);
  return table({
    caption: texts.sessionsCaption,
    columns: [
      { label: texts.browser },
      { label: texts.address },
      { label: texts.since },
      { label: texts.lastSeen },
      { label: texts.act, onPhone: 'wide' },
    ],
    empty: '',
    rows: sessions.map(({ hash, userAgent, clientAddress, createdAt, lastSeenAt }) => [
      browserName(userAgent),
      clientAddress ?? '',
      time(createdAt),
      time(lastSeenAt),
      hash === current
        ? badge(texts.current, 'good')
        : html`<form method="post" action="/account/sessions/${hash}/end"><button class="plain">${texts.end}</button></form>`,
    ]),
  });
}

function endOthers(language: Language): Html {
  return html`<form method="post" action="/account/sessions/end-others"><button class="plain">${accountTexts(language).endOthers}</button></form>`;
}
