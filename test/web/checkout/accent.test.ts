/**
 * The shop's accent colour on the page: readable and visible in light and dark colours, whatever the shop chose.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { accentStyle } from '../../../src/web/checkout/accent.ts';
import { pageHeaders } from '../../../src/web/checkout/headers.ts';

const LIGHT_CARD = '#ffffff';
const DARK_CARD = '#1e1e1c';

/** Relative luminance by WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

const anyColor = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);

it('stands out from the card, and its text from it, in light and in dark colours', () => {
  fc.assert(
    fc.property(anyColor, (color) => {
      const found = [...(accentStyle(color) ?? '').matchAll(/--accent:(#\w{6});--accent-ink:(#\w{6})/g)];
      expect(found).toHaveLength(2);
      for (const [index, [, accent = '', ink = '']] of found.entries()) {
        expect(contrast(accent, index === 0 ? LIGHT_CARD : DARK_CARD), color).toBeGreaterThanOrEqual(3);
        expect(contrast(accent, ink), color).toBeGreaterThanOrEqual(4.5);
      }
    }),
    { examples: [['#ffffff'], ['#000000'], ['#ffff00'], ['#1e1e1c'], ['#777777']] },
  );
});

it('stays as the shop chose it where it stands out', () => {
  expect(accentStyle('#1F6FEB')).toContain(':root{--accent:#1f6feb;');
});

it.each([undefined, '', 'red', '#fff', '#12345g', '#123456}body{display:none'])(
  'is left out when it is %s, which is no colour',
  (color) => {
    expect(accentStyle(color)).toBeUndefined();
  },
);

it('is the only inline style that the content policy allows', () => {
  const policy = (style?: string) => pageHeaders([], style)['Content-Security-Policy'];
  expect(policy(accentStyle('#1f3d7a'))).toMatch(/style-src 'self' 'sha256-[\w+/]{43}=';/);
  expect(policy()).toContain("style-src 'self';");
});
