/**
 * Two records of one thing side by side; rows that differ are marked.
 */
import { type Html, html } from '../../../lib/html.ts';
import { componentTexts } from '../texts/components.ts';
import type { Language } from '../texts/language.ts';
import { icon } from './icons.ts';

export interface ComparedRow {
  readonly label: string;
  readonly ours: Html | string;
  readonly theirs: Html | string;
  readonly isDifferent: boolean;
}

export interface ComparisonView {
  /** What is compared. */
  readonly caption: string;
  readonly ours: string;
  readonly theirs: string;
  readonly rows: readonly ComparedRow[];
}

export function comparison({ caption, ours, theirs, rows }: ComparisonView, language: Language): Html {
  const { property, differs } = componentTexts(language);
  return html`<table class="comparison"><caption class="hidden">${caption}</caption>
<thead><tr><th scope="col">${property}</th><th scope="col">${ours}</th><th scope="col">${theirs}</th></tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr${row.isDifferent && html` class="different"`}><th scope="row">${row.label}${
        row.isDifferent && html` <span class="badge bad">${icon('bad')}${differs}</span>`
      }</th><td data-label="${ours}">${row.ours}</td><td data-label="${theirs}">${row.theirs}</td></tr>`,
  )}</tbody></table>`;
}
