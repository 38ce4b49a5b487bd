/**
 * The form of a passkey ceremony, which browser/script/passkeys.js carries out: it fetches the options, asks the browser, sends
 * what it returns, and goes where the response says.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { Language } from '../../texts/language.ts';
import { signInTexts } from '../../texts/sign-in.ts';

export interface Ceremony {
  /** `get` proves who somebody is, `create` makes a passkey. */
  readonly kind: 'get' | 'create';
  /** Where the options come from, and where the result goes. */
  readonly optionsPath: string;
  readonly resultPath: string;
  readonly label: string;
  /** Where the operator wanted to go. */
  readonly to?: string | undefined;
}

export function ceremonyForm(
  { kind, optionsPath, resultPath, label, to }: Ceremony,
  language: Language,
): Html {
  const { needsScript } = signInTexts(language);
  return html`<form class="ceremony" data-ceremony="${kind}" data-options="${optionsPath}" data-result="${resultPath}" data-to="${to ?? '/'}"${problemTexts(language)}>
<button class="primary">${label}</button>
<noscript><p class="problem">${needsScript}</p></noscript>
${problemLine()}</form>`;
}

/** What the script says when something fails before the gateway is asked. */
export function problemTexts(language: Language): Html {
  const { cancelled, exists, unsupported, offline } = signInTexts(language).problems;
  return html` data-cancelled="${cancelled}" data-exists="${exists}" data-unsupported="${unsupported}" data-offline="${offline}"`;
}

export function problemLine(): Html {
  return html`<p class="problem" role="alert" hidden></p>`;
}
