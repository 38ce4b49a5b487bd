/**
 * The contrast of a merchant's accent colour, by the formula of WCAG 2. Text on the colour is white or black, one of which
 * always reaches the 4.5:1 that text needs. So the colour itself has to differ enough from the white of the page: 3:1, as WCAG
 * requires of buttons and lines.
 */
const NEEDED = 3;

/** Why a colour cannot be used, and what to do; undefined when it can. @param color `#rrggbb` */
export function findContrastFault(color: string): string | undefined {
  const contrast = 1.05 / (luminanceOf(color) + 0.05);
  if (contrast >= NEEDED) {
    return undefined;
  }
  // Rounded down, so that it never reads as enough.
  const shown = Math.floor(contrast * 100) / 100;
  return `has a contrast of ${shown}:1 to the white of the page, and needs ${NEEDED}:1: use a darker color`;
}

/** 0 is black and 1 is white. */
function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(color.slice(at, at + 2), 16)),
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
