/**
 * Tables, which become lists of cards on a phone; and the links to the next and to the first page.
 */
import { type Html, html } from '../../../lib/html.ts';

export interface Column {
  readonly label: string;
  /** Numbers and amounts are aligned to the right. */
  readonly isNumber?: boolean;
}

export interface TableView {
  /** What the rows are, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (Html | string)[])[];
  /** Instead of a table without rows. */
  readonly empty: string;
}

export function table({ caption, columns, rows, empty }: TableView): Html {
  if (rows.length === 0) {
    return html`<p class="empty">${empty}</p>`;
  }
  return html`<div class="table"><table><caption class="hidden">${caption}</caption>
<thead><tr>${columns.map(({ label, isNumber }) => html`<th scope="col"${isNumber && html` class="number"`}>${label}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) =>
      html`<tr>${cells.map(
        (cell, index) =>
          html`<td data-label="${columns[index]?.label ?? ''}"${columns[index]?.isNumber && html` class="number"`}>${cell}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}

export interface PagerView {
  readonly label: string;
  readonly first?: { readonly label: string; readonly href: string } | undefined;
  readonly next?: { readonly label: string; readonly href: string } | undefined;
}

export function pager({ label, first, next }: PagerView): Html | undefined {
  const links = [first, next].filter((link) => link !== undefined);
  return links.length === 0
    ? undefined
    : html`<nav class="pager" aria-label="${label}">${links.map(({ label: text, href }) => html`<a href="${href}">${text}</a>`)}</nav>`;
}
