/**
 * A timeline: what happened, day by day, each with its time, its kind as an icon, who did it, and details that can be unfolded.
 */
import { localDateTimeOf } from '../../../lib/date-time.ts';
import { type Html, html } from '../../../lib/html.ts';
import { TIME_ZONE, type Tone } from './basics.ts';
import { type IconName, icon } from './icons.ts';

export interface TimelineItem {
  readonly at: Date;
  readonly icon: IconName;
  /** What kind of thing it is, in words, for those who do not see the icon. */
  readonly kind: string;
  readonly tone?: Tone | undefined;
  /** What happened, in a few words. */
  readonly title: Html | string;
  /** Who did it. */
  readonly actor?: Html | string | undefined;
  /** A sentence more. */
  readonly text?: Html | string | undefined;
  /** Folded at first. */
  readonly details?: { readonly summary: string; readonly content: Html } | undefined;
}

export interface TimelineView {
  /** In the order in which they are shown. */
  readonly items: readonly TimelineItem[];
  readonly timeZone?: string | undefined;
  /** Instead of a timeline without items. */
  readonly empty: string;
}

export function timeline({ items, timeZone = TIME_ZONE, empty }: TimelineView): Html {
  if (items.length === 0) {
    return html`<p class="empty">${empty}</p>`;
  }
  const days = new Map<string, { readonly item: TimelineItem; readonly clock: string }[]>();
  for (const item of items) {
    const [day = '', clock = ''] = localDateTimeOf(item.at, timeZone).split(' ');
    days.set(day, [...(days.get(day) ?? []), { item, clock }]);
  }
  return html`<div class="timeline">${[...days].map(
    ([day, list]) =>
      html`<h3><time datetime="${day}">${day}</time></h3><ol>${list.map(({ item, clock }) => renderItem(item, clock, timeZone))}</ol>`,
  )}</div>`;
}

function renderItem(
  { at, kind, tone, title, actor, text, details, ...view }: TimelineItem,
  clock: string,
  zone: string,
): Html {
  return html`<li${tone && html` class="${tone}"`}><time datetime="${at.toISOString()}" title="${zone}">${clock}</time>
<span class="mark" title="${kind}">${icon(view.icon)}<span class="hidden">${kind}</span></span>
<div><p class="what">${title}${actor !== undefined && html` <span class="actor">${actor}</span>`}</p>
${text !== undefined && html`<p class="more">${text}</p>`}
${details && html`<details><summary>${details.summary}</summary>${details.content}</details>`}</div></li>`;
}
