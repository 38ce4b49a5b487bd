/**
 * The icons of the states, as inline SVG. They repeat what the title says, so they are hidden from screen readers.
 */
import { Html } from '../../lib/html.ts';
import type { PageState } from './page-state.ts';

const draw = (name: string, shapes: string) =>
  new Html(
    `<svg class="icon ${name}" viewBox="0 0 48 48" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round">${shapes}</svg>`,
  );

const CHECK = draw('good', '<path d="M14 25l7 7 14-15"/>');
const CROSS = draw('quiet', '<path d="M16.5 16.5l15 15m0-15l-15 15"/>');
export const WARNING = draw('bad', '<path d="M24 13v14"/><path d="M24 34v.5"/>');
const CLOCK = draw('quiet', '<path d="M24 14v11l7 5"/>');
const RETURN = draw('quiet', '<path d="M19 13.5l-7 7 7 7"/><path d="M12 20.5h16a7 7 0 0 1 0 14h-7"/>');
const CASH = draw(
  'quiet',
  '<rect x="11" y="16" width="26" height="16" rx="2.5"/><circle cx="24" cy="24" r="3.5"/><path d="M16 24h.1m15.9 0h.1"/>',
);
const WAIT = draw(
  'wait',
  '<circle cx="24" cy="24" r="20.5" stroke-opacity=".2"/><path d="M44.5 24A20.5 20.5 0 0 0 24 3.5"/>',
);

/** Undefined for states that need no icon. */
export const ICONS: Readonly<Record<PageState, Html | undefined>> = {
  ready: undefined,
  scan: undefined,
  processing: WAIT,
  failed: WARNING,
  paid: CHECK,
  cancelled: CROSS,
  expired: CLOCK,
  refund_pending: CLOCK,
  partly_refunded: RETURN,
  refunded: RETURN,
  cash: CASH,
};
