/**
 * Icons, drawn on a square of 16 with lines of the text's colour. They stand beside words and are hidden from screen readers.
 */
import { Html, html } from '../../../lib/html.ts';

const PATHS = {
  payments: 'M1.5 4.5h13v8h-13zM1.5 7.5h13M4 10.3h2.5',
  refunds: 'M6 3 2.5 6.5 6 10M2.5 6.5h7.3a3.4 3.4 0 0 1 0 6.8H7',
  merchants: 'M2.5 7v6.5h11V7M1.5 6.5l1.3-4h10.4l1.3 4zM6.5 13.5v-4h3v4',
  keys: 'M10 9.3a3.4 3.4 0 1 0-3.2-2.2L1.8 12v2.2h2.4v-1.8H6v-1.7l1.2-1.2M11 5.5h.01',
  endpoints:
    'M5.2 11.2a2.6 2.6 0 1 1-1.9-2.5M3.6 9l2.7-4.3a2.5 2.5 0 1 1 4-.3M9 4.2l2.4 4.4a2.6 2.6 0 1 1-1.2 4.5M10 11H5.4',
  inbox: 'M1.8 9.2v4.3h12.4V9.2L12 2.8H4zM1.8 9.2h3.7l1 1.8h3l1-1.8h3.7',
  health: 'M1.2 8.5h3l2-5.5 3.4 10.3 2.1-4.8h3.1',
  operators: 'M8 8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6M2.6 13.7c.4-2.7 2.6-3.9 5.4-3.9s5 1.2 5.4 3.9',
  audit: 'M3 1.8h7l3 3v9.4H3zM5.3 6.3h2.4M5.3 8.8h5.4M5.3 11.3h5.4',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M10.4 10.4l3.8 3.8',
  menu: 'M2 4h12M2 8h12M2 12h12',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  good: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M5 8.2l2.2 2.2L11.2 6',
  waiting: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M8 4.5V8l2.3 1.6',
  bad: 'M8 1.8 15 14H1zM8 6.3v3.5M8 11.8h.01',
  ended: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M5 8h6',
  call: 'M2 5.5h11M10.5 3 13 5.5 10.5 8M14 10.5H3M5.5 8 3 10.5 5.5 13',
  note: 'M2 2.5h12v8.5H7.5L4.3 13.8V11H2zM4.8 5.5h6.4M4.8 8h4',
  next: 'M6 3.5 10.5 8 6 12.5',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${new Html(PATHS[name])}"/></svg>`;
}
