/**
 * The page that shows all screenshots side by side: a row for each state, a column for each screen.
 */
import { html } from '../../src/lib/html.ts';

export interface Picture {
  readonly state: string;
  readonly screen: string;
  readonly lang: string;
  readonly colorScheme: 'light' | 'dark';
}

export function fileOf({ state, screen, lang, colorScheme }: Picture): string {
  return `${state}-${screen}-${lang}-${colorScheme}.png`;
}

/** @param pictures in the order in which they are to be shown */
export function renderOverview(pictures: readonly Picture[]): string {
  const groups = new Map<string, Picture[]>();
  for (const picture of pictures) {
    const name = `${picture.lang}, ${picture.colorScheme}`;
    groups.set(name, [...(groups.get(name) ?? []), picture]);
  }
  const names = [...groups.keys()];
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Screenshots of the payment page</title>
<style>
body { margin: 1rem; font: 14px system-ui, sans-serif; background: #8a8a8a; }
nav, h2 { position: sticky; left: 0; }
table { border-spacing: 0.5rem; }
th { text-align: left; vertical-align: top; white-space: nowrap; }
img { display: block; height: 20rem; }
</style>
<nav>${names.map((name) => html`<a href="#${name}">${name}</a> `)}</nav>
${[...groups].map(([name, members]) => html`<h2 id="${name}">${name}</h2>${renderTable(members)}`)}
</html>
`.text;
}

function renderTable(pictures: readonly Picture[]) {
  const screens = [...new Set(pictures.map(({ screen }) => screen))];
  const states = [...new Set(pictures.map(({ state }) => state))];
  const cell = (state: string, screen: string) =>
    pictures
      .filter((picture) => picture.state === state && picture.screen === screen)
      .map((picture) => {
        const file = fileOf(picture);
        return html`<a href="${file}"><img src="${file}" alt="${file}" loading="lazy"></a>`;
      });
  return html`<table>
<tr><th></th>${screens.map((screen) => html`<th>${screen}</th>`)}</tr>
${states.map((state) => html`<tr><th>${state}</th>${screens.map((screen) => html`<td>${cell(state, screen)}</td>`)}</tr>\n`)}
</table>`;
}
