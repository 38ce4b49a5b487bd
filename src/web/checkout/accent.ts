/**
 * The shop's accent colour, changed as far as it must be to stand out from the page in light and dark colours, and the style
 * that applies it. The style is inline, because it differs from shop to shop; the content policy allows it by its hash.
 */

type Rgb = readonly [red: number, green: number, blue: number];

const HEX = /^#[0-9a-f]{6}$/i;
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** The card of the page (base.css) in light and in dark colours, and what the accent is mixed with to stand out from it. */
const LIGHT = { card: WHITE, mixedWith: BLACK };
const DARK = { card: [30, 30, 28] as Rgb, mixedWith: WHITE };
/** WCAG 2.2, 1.4.11: what shows where a button is. */
const MIN_CONTRAST = 3;
const STEPS = 20;

/** @returns CSS, or undefined for a colour that is not `#rrggbb` */
export function accentStyle(color: string | undefined): string | undefined {
  if (color === undefined || !HEX.test(color)) {
    return undefined;
  }
  const rgb: Rgb = [channel(color, 1), channel(color, 3), channel(color, 5)];
  const light = declare(standOut(rgb, LIGHT));
  const dark = declare(standOut(rgb, DARK));
  return `:root{${light}}@media (prefers-color-scheme:dark){:root{${dark}}}`;
}

function channel(color: string, from: number): number {
  return Number.parseInt(color.slice(from, from + 2), 16);
}

/** The first mixture that has enough contrast to the card. */
function standOut(color: Rgb, { card, mixedWith }: { card: Rgb; mixedWith: Rgb }): Rgb {
  for (let step = 0; step < STEPS; step++) {
    const mixed = mix(color, mixedWith, step / STEPS);
    if (contrast(mixed, card) >= MIN_CONTRAST) {
      return mixed;
    }
  }
  return mixedWith;
}

function declare(color: Rgb): string {
  const ink = contrast(color, WHITE) >= contrast(color, BLACK) ? WHITE : BLACK;
  return `--accent:${hexOf(color)};--accent-ink:${hexOf(ink)}`;
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const at = (index: 0 | 1 | 2) => Math.round(one[index] * (1 - share) + other[index] * share);
  return [at(0), at(1), at(2)];
}

/** The contrast ratio of WCAG 2.2. */
function contrast(one: Rgb, other: Rgb): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: Rgb): number {
  const linear = (value: number) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2]);
}

function hexOf(color: Rgb): string {
  return `#${color.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
