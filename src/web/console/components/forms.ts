/**
 * Forms: fields, and the folded form of an act, which asks for a reason and needs no script.
 */
import { type Html, html } from '../../../lib/html.ts';
import { formTexts } from '../texts/forms.ts';
import type { Language } from '../texts/language.ts';
import { problem } from './page.ts';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value?: string | undefined;
  readonly type?: 'text' | 'number' | 'date' | 'datetime-local' | 'search';
  readonly isRequired?: boolean;
  readonly maxLength?: number;
  readonly inputMode?: 'numeric';
  readonly autocomplete?: string;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface SelectField {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly options: readonly Option[];
}

/** Longer reasons are not stored. */
export const MAX_REASON = 500;

export function input(field: Field): Html {
  const {
    name,
    label,
    hint,
    value,
    type = 'text',
    isRequired,
    maxLength,
    inputMode,
    autocomplete = 'off',
  } = field;
  return html`<label class="field"><span>${label}</span>
<input type="${type}" name="${name}" value="${value ?? ''}" autocomplete="${autocomplete}"${isRequired && html` required`}${
    maxLength !== undefined && html` maxlength="${maxLength}"`
  }${inputMode && html` inputmode="${inputMode}"`}>
${hint !== undefined && html`<small>${hint}</small>`}</label>`;
}

export function select({ name, label, value, options }: SelectField): Html {
  return html`<label class="field"><span>${label}</span><select name="${name}">${options.map(
    (option) =>
      html`<option value="${option.value}"${option.value === value && html` selected`}>${option.label}</option>`,
  )}</select></label>`;
}

export interface ActView {
  readonly action: string;
  /** What it does, as a verb. */
  readonly title: string;
  /** What follows from it, in a sentence or two. */
  readonly explanation?: string | undefined;
  readonly fields?: Html | undefined;
  /** Instead of the usual label of the reason. */
  readonly reasonLabel?: string | undefined;
  /** For what cannot be undone. */
  readonly isGrave?: boolean;
  /** Open from the beginning, with what was entered and why it was refused. */
  readonly refused?: { readonly problem: string; readonly reason: string } | undefined;
}

/** The form of an act. Every act asks for a reason, which the audit log keeps. */
export function actForm(
  { action, title, explanation, fields, reasonLabel, isGrave, refused }: ActView,
  language: Language,
): Html {
  const texts = formTexts(language);
  return html`<details class="act${isGrave && ' grave'}"${refused && html` open`}><summary>${title}</summary>
<form method="post" action="${action}">
${explanation !== undefined && html`<p>${explanation}</p>`}
${refused && problem(refused.problem)}
${fields}
<label class="field"><span>${reasonLabel ?? texts.reason}</span><textarea name="reason" required maxlength="${MAX_REASON}" rows="2">${refused?.reason ?? ''}</textarea><small>${texts.reasonHint}</small></label>
<button${isGrave && html` class="grave"`}>${title}</button>
</form></details>`;
}

export interface FilterView {
  readonly action: string;
  readonly fields: Html;
  /** Whether there is something to clear. */
  readonly isFiltered: boolean;
  /** What the form is for, for screen readers. */
  readonly label: string;
}

/** The filter of a list, in one line. Its fields are in the address, so that a filtered list can be sent to somebody. */
export function filterForm({ action, fields, isFiltered, label }: FilterView, language: Language): Html {
  const texts = formTexts(language);
  return html`<form class="filters" action="${action}" aria-label="${label}">${fields}<div class="buttons"><button class="plain">${texts.filter}</button>
${isFiltered && html`<a href="${action}">${texts.clear}</a>`}</div></form>`;
}
