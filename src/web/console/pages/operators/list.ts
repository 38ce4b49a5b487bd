/**
 * The list of operators, and the form that invites one.
 */
import type { OperatorRecord } from '../../../../domain/operators/operator.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { badge, panel, time } from '../../components/basics.ts';
import { copyId, secretOnce } from '../../components/copy.ts';
import { actForm, input } from '../../components/forms.ts';
import { notice, pageHead } from '../../components/page.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { operatorTexts } from '../../texts/operators.ts';
import { type GrantRow, grantFields } from './form.ts';
import { grantList } from './grants.ts';

/** What was entered, and why it was refused. */
export interface RefusedInvitation {
  readonly problem: string;
  readonly reason: string;
  readonly name: string;
  readonly rows: readonly GrantRow[];
}

export interface OperatorListView {
  readonly operators: readonly OperatorRecord[];
  /** The last id of this page, if there are more. */
  readonly next: string | undefined;
  readonly isFirst: boolean;
  readonly mayInvite: boolean;
  readonly refused?: RefusedInvitation | undefined;
}

export function renderOperatorList(view: OperatorListView, language: Language): Page {
  const texts = operatorTexts(language);
  const { operators, next, isFirst } = view;
  const list = table({
    caption: texts.listCaption,
    columns: [
      { label: texts.name },
      { label: texts.status, onPhone: 'side' },
      { label: texts.roles, onPhone: 'wide' },
      { label: texts.lastSeen },
    ],
    empty: texts.none,
    rows: operators.map((operator) => [
      html`<a href="/operators/${operator.id}">${operator.name}</a>`,
      operatorBadge(operator, language),
      grantList(operator.grants, language),
      operator.lastSeenAt ? time(operator.lastSeenAt) : texts.never,
    ]),
  });
  const pages = pager({
    label: texts.pager,
    first: isFirst ? undefined : { label: texts.firstPage, href: '/operators' },
    next:
      next === undefined
        ? undefined
        : { label: texts.nextPage, href: `/operators?after=${encodeURIComponent(next)}` },
  });
  const main = html`${pageHead({ title: texts.title })}
${view.mayInvite && inviteForm(view.refused, language)}
${panel(texts.listCaption, list)}
${pages}`;
  return { title: texts.title, main };
}

function inviteForm(refused: RefusedInvitation | undefined, language: Language): Html {
  const texts = operatorTexts(language);
  const fields = html`${input({
    name: 'name',
    label: texts.name,
    hint: texts.nameHint,
    value: refused?.name,
    isRequired: true,
    maxLength: 100,
  })}
${grantFields(refused?.rows ?? [{ role: 'viewer', merchant: '', store: '', maxRefund: '' }], 1, language)}`;
  return actForm(
    {
      action: '/operators',
      title: texts.invite,
      explanation: texts.inviteExplanation,
      fields,
      refused,
    },
    language,
  );
}

export function operatorBadge(operator: OperatorRecord, language: Language): Html {
  const { statuses } = operatorTexts(language);
  if (operator.disabledAt) {
    return badge(statuses.disabled, 'ended');
  }
  if (operator.isDemo) {
    return badge(statuses.demo, 'waiting');
  }
  return operator.passkeys > 0 || operator.hasOidc
    ? badge(statuses.active, 'good')
    : badge(statuses.invited, 'waiting');
}

/** The page that shows the link of an invitation, once. */
export function renderInvited(operator: OperatorRecord, link: string, language: Language): Page {
  const texts = operatorTexts(language);
  const title = texts.invitedTitle(operator.name);
  const main = html`${pageHead({
    title,
    parent: { label: texts.title, href: '/operators' },
    below: copyId(operator.id, language),
  })}
${notice(texts.invited)}
${secretOnce({ label: texts.link, secret: link, explanation: texts.linkExplanation }, language)}
<p><a href="/operators/${operator.id}">${texts.toOperator}</a></p>`;
  return { title, main };
}
