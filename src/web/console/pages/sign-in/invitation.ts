/**
 * The page of an invitation: who is invited to what, and the button that registers a passkey.
 */
import type { Operator } from '../../../../domain/operators/operator.ts';
import { html } from '../../../../lib/html.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { signInTexts } from '../../texts/sign-in.ts';
import { grantList } from '../operators/grants.ts';
import { ceremonyForm } from './ceremony.ts';

export interface InvitationView {
  readonly token: string;
  readonly operator: Pick<Operator, 'name' | 'grants'>;
  readonly hasOidc: boolean;
}

export function renderInvitationPage({ token, operator, hasOidc }: InvitationView, language: Language): Page {
  const texts = signInTexts(language);
  const path = `/invitations/${token}`;
  const passkey = ceremonyForm(
    { kind: 'create', optionsPath: `${path}/options`, resultPath: path, label: texts.register },
    language,
  );
  const main = html`<h1>${texts.invitationTitle}</h1>
<p>${texts.invitationIntro} <strong>${operator.name}</strong></p>
<p>${texts.invitationRoles}</p>
${grantList(operator.grants, language)}
<p class="faint">${texts.registerHint}</p>
${passkey}
${
  hasOidc &&
  html`<p class="or">${texts.or}</p>
<form method="post" action="/sign-in/oidc"><input type="hidden" name="invitation" value="${token}"><button class="plain">${texts.registerOidc}</button></form>`
}`;
  return { title: texts.invitationTitle, main, width: 'narrow' };
}

export function renderInvitationOverPage(language: Language): Page {
  const texts = signInTexts(language);
  const main = html`<h1>${texts.invitationOver}</h1>
<p>${texts.invitationOverAdvice}</p>
<p><a href="/sign-in">${texts.back}</a></p>`;
  return { title: texts.invitationOver, main, width: 'narrow' };
}
