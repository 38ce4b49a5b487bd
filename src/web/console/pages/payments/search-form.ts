/**
 * The large search box of the start page and of what was found.
 */
import { type Html, html } from '../../../../lib/html.ts';
import { icon } from '../../components/icons.ts';
import { homeTexts } from '../../texts/home.ts';
import type { Language } from '../../texts/language.ts';

export function searchForm(typed: string, language: Language): Html {
  const texts = homeTexts(language);
  return html`<form class="big-search" action="/search"><label><span class="hidden">${texts.searchLabel}</span>${icon('search')}
<input type="search" name="q" value="${typed}" maxlength="200" placeholder="${texts.searchHint}" autocomplete="off" autocapitalize="off" spellcheck="false"></label>
<button>${texts.search}</button></form>`;
}
