/**
 * A small line plot over time, with the same values as a table. Times without a value are gaps in the line.
 */
import { localDateTimeOf } from '../../../lib/date-time.ts';
import { Html, html } from '../../../lib/html.ts';
import { componentTexts } from '../texts/components.ts';
import type { Language } from '../texts/language.ts';
import { TIME_ZONE } from './basics.ts';

export interface PlotPoint {
  readonly at: Date;
  /** Undefined: nothing is known of this time. */
  readonly value: number | undefined;
}

export interface PlotView {
  readonly title: string;
  /** In the order of time, at equal distances; at most a few hundred. */
  readonly points: readonly PlotPoint[];
  /** Of the values, such as `ms`; empty for numbers of things. */
  readonly unit: string;
  /** The top of the scale, such as 100 of a percentage; that of the values by default. */
  readonly max?: number | undefined;
  /** Below the title: what the values are. */
  readonly explanation?: string | undefined;
}

const WIDTH = 600;
const HEIGHT = 120;
const LABELS = 5;

export function plot({ title, points, unit, max, explanation }: PlotView, language: Language): Html {
  const texts = componentTexts(language);
  const values = points.map(({ value }) => value).filter((value) => value !== undefined);
  const last = values.at(-1);
  if (last === undefined) {
    return html`<figure class="plot"><figcaption><b>${title}</b></figcaption><p class="empty">${texts.noValues}</p></figure>`;
  }
  const top = max ?? roundUp(Math.max(...values));
  const write = (value: number) => withUnit(value, unit, language);
  return html`<figure class="plot"><figcaption><b>${title}</b> <span class="last">${write(last)}</span>
${explanation !== undefined && html`<small>${explanation}</small>`}</figcaption>
<div class="plot-area"><div class="plot-scale" aria-hidden="true"><span>${write(top)}</span><span>${write(0)}</span></div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${texts.plotSummary(title, write(Math.min(...values)), write(Math.max(...values)), write(last))}">
<path class="grid" d="M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}"/>${drawLines(points, top)}</svg></div>
<div class="plot-times" aria-hidden="true">${timeLabels(points).map((label) => html`<span>${label}</span>`)}</div>
<details><summary>${texts.values}</summary><div class="plot-values" tabindex="0" role="region" aria-label="${title}"><table><thead><tr><th scope="col">${texts.time}</th><th scope="col" class="number">${unit || texts.value}</th></tr></thead>
<tbody>${points.map(({ at, value }) => html`<tr><td>${localDateTimeOf(at, TIME_ZONE).slice(0, 'YYYY-MM-DD HH:MM'.length)}</td><td class="number">${value === undefined ? '–' : number(value, language)}</td></tr>`)}</tbody></table></div></details></figure>`;
}

/** One line for each run of known values, and a dot for a value that stands alone. */
function drawLines(points: readonly PlotPoint[], top: number): Html {
  const step = points.length > 1 ? WIDTH / (points.length - 1) : 0;
  const runs: string[][] = [[]];
  points.forEach(({ value }, index) => {
    if (value === undefined) {
      runs.push([]);
      return;
    }
    const y = HEIGHT - (Math.min(value, top) / top) * HEIGHT;
    runs.at(-1)?.push(`${(index * step).toFixed(1)} ${y.toFixed(1)}`);
  });
  const lines = runs.filter(({ length }) => length > 1).map((run) => `M${run.join('L')}`);
  // A line without length is drawn as a dot, because its ends are round.
  const dots = runs.filter(({ length }) => length === 1).map(([point]) => `M${point}h.01`);
  return html`<path class="line" d="${new Html(lines.join(''))}"/><path class="dots" d="${new Html(dots.join(''))}"/>`;
}

function timeLabels(points: readonly PlotPoint[]): string[] {
  return Array.from({ length: LABELS }, (_, index) => {
    const point = points[Math.round((index * (points.length - 1)) / (LABELS - 1))];
    return point
      ? localDateTimeOf(point.at, TIME_ZONE).slice('YYYY-MM-DD '.length, 'YYYY-MM-DD HH:MM'.length)
      : '';
  });
}

/** The next 1, 2 or 5 with zeros, so that the scale is easy to read. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= value) ?? value;
}

function withUnit(value: number, unit: string, language: Language): string {
  return unit === '%' ? `${number(value, language)}%` : `${number(value, language)} ${unit}`.trim();
}

function number(value: number, language: Language): string {
  return value.toLocaleString(language, { maximumFractionDigits: 1 });
}
