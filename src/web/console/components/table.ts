/**
 * Tables, which become lists of cards on a phone; and the links to the next and to the first page.
 */
import { type Html, html } from '../../../lib/html.ts';

export interface Column {
  readonly label: string;
  /** Numbers and amounts are aligned to the right. */
  readonly isNumber?: boolean;
  /**
   * Where it stands on a card: as its title, beside the title, over the whole width, or not at all. Without it the first column is the
   * title, and the others stand below it with their labels, in two columns.
   */
  readonly onPhone?: 'title' | 'side' | 'wide' | 'hidden';
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
          html`<td data-label="${columns[index]?.label ?? ''}"${classOf(columns[index])}>${cell}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}

function classOf(column: Column | undefined): Html | undefined {
  const names = [column?.isNumber && 'number', column?.onPhone && `on-phone-${column.onPhone}`].filter(
    Boolean,
  );
  return names.length > 0 ? html` class="${names.join(' ')}"` : undefined;
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
