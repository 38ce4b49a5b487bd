/**
 * The parts that give a page its structure: its head, two columns, messages, figures, and links that choose what is shown.
 */
import { type Html, html } from '../../../lib/html.ts';
import type { Tone } from './basics.ts';
import { icon } from './icons.ts';

export interface Link {
  readonly label: string;
  readonly href: string;
}

export interface PageHeadView {
  readonly title: Html | string;
  /** The page above this one. */
  readonly parent?: Link | undefined;
  /** Beside the title, such as the badge of a status. */
  readonly badge?: Html | undefined;
  /** A line below the title, such as the id. */
  readonly below?: Html | string | undefined;
  /** At the end of the line, such as the link to a download. */
  readonly side?: Html | undefined;
}

/** The head of a page, with its only h1. */
export function pageHead({ title, parent, badge, below, side }: PageHeadView): Html {
  return html`<div class="page-head"><div>
${parent && html`<p class="parent"><a href="${parent.href}">${parent.label}</a></p>`}
<div class="title"><h1>${title}</h1>${badge}</div>
${below !== undefined && html`<div class="below">${below}</div>`}</div>
${side && html`<div class="side">${side}</div>`}</div>`;
}

/** What matters beside what explains it; one below the other where there is no space. */
export function columns(first: Html, second: Html): Html {
  return html`<div class="columns"><div>${first}</div><div>${second}</div></div>`;
}

/** Says what has been done. */
export function notice(text: Html | string): Html {
  return html`<p class="notice" role="status">${icon('good')}<span>${text}</span></p>`;
}

/** Says why something was not done, or what needs somebody. */
export function problem(text: Html | string): Html {
  return html`<p class="problem" role="alert">${icon('bad')}<span>${text}</span></p>`;
}

/** Something to know before reading on, without hurry. */
export function hint(text: Html | string): Html {
  return html`<p class="hint">${text}</p>`;
}

/** Instead of a list that has nothing in it, with what one can do. */
export function emptyState(title: string, text?: Html | string, action?: Link): Html {
  return html`<div class="empty-state"><h2>${title}</h2>${text !== undefined && html`<p>${text}</p>`}
${action && html`<p><a class="button" href="${action.href}">${action.label}</a></p>`}</div>`;
}

export interface Figure {
  readonly label: string;
  readonly value: Html | string;
  /** Below the value, such as a comparison. */
  readonly below?: Html | string | undefined;
  readonly href?: string | undefined;
  /** Marks a figure that needs somebody. */
  readonly tone?: Tone | undefined;
}

/** Numbers side by side. */
export function figures(list: readonly Figure[]): Html {
  return html`<dl class="figures">${list.map(
    ({ label, value, below, href, tone }) =>
      html`<div${tone && html` class="${tone}"`}><dt>${tone && icon(tone)}${label}</dt><dd>${
        href === undefined ? value : html`<a href="${href}">${value}</a>`
      }</dd>${below !== undefined && html`<dd class="below">${below}</dd>`}</div>`,
  )}</dl>`;
}

export interface Choice extends Link {
  readonly isCurrent: boolean;
  readonly count?: number | undefined;
}

/** Links of which one is chosen: the filter of a list, or the parts of an object. */
export function choices(label: string, list: readonly Choice[]): Html {
  return html`<nav class="choices" aria-label="${label}">${list.map(
    ({ label: text, href, isCurrent, count }) =>
      html`<a href="${href}"${isCurrent && html` aria-current="true"`}>${text}${count !== undefined && html` <span class="count">${count}</span>`}</a>`,
  )}</nav>`;
}
