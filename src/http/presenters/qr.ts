/**
 * A code as a QR picture: black on white, with the quiet zone that the standard requires. The most recent pictures are cached
 * by their content, because a page requests the picture of its code repeatedly.
 */
import { create, type QRCode, toString as toText } from 'qrcode';
import { drawRow, encodePng, type PixelRow } from './png.ts';

/** Modules of white around the code, by ISO/IEC 18004. */
const QUIET_ZONE = 4;
/**
 * 15 % of the code may be unreadable, which suits a screen with glare and finger marks. A higher level needs smaller
 * modules, which are harder to scan from a distance.
 */
const CORRECTION = { errorCorrectionLevel: 'M' } as const;
/** A picture has a few kilobytes. */
const MAX_CACHED = 500;

const svgs = new Map<string, Promise<string>>();
const pngs = new Map<string, Buffer>();

/** An SVG that fills its container. */
export function presentQrSvg(content: string): Promise<string> {
  return cached(svgs, content, () => toText(content, { ...CORRECTION, type: 'svg', margin: QUIET_ZONE }));
}

/** A PNG of this width and height. Modules are whole pixels, so that their edges are sharp. */
export function presentQrPng(content: string, sizePixels: number): Buffer {
  return cached(pngs, `${sizePixels} ${content}`, () => drawPng(content, sizePixels));
}

function drawPng(content: string, sizePixels: number): Buffer {
  const { modules } = create(content, CORRECTION);
  const scale = Math.max(1, Math.floor(sizePixels / (modules.size + 2 * QUIET_ZONE)));
  // Pixels that do not make a whole module per side become margin.
  const width = Math.max(sizePixels, scale * (modules.size + 2 * QUIET_ZONE));
  const margin = Math.floor((width - scale * modules.size) / 2);
  const moduleAt = (pixel: number) => Math.floor((pixel - margin) / scale);
  // All pixel rows within one row of modules are equal.
  const rows = new Map<number, PixelRow>();
  return encodePng(width, (y) => {
    const row = moduleAt(y);
    const drawn = rows.get(row) ?? drawRow(width, (x) => isDark(modules, row, moduleAt(x)));
    rows.set(row, drawn);
    return drawn;
  });
}

function isDark(modules: QRCode['modules'], row: number, column: number): boolean {
  const isInside = row >= 0 && row < modules.size && column >= 0 && column < modules.size;
  return isInside && modules.get(row, column) !== 0;
}

/** The cached picture of this name, created at the first use. Evicts the least recently used one. */
function cached<Picture>(pictures: Map<string, Picture>, name: string, make: () => Picture): Picture {
  const picture = pictures.get(name) ?? make();
  pictures.delete(name);
  pictures.set(name, picture);
  const [oldest] = pictures.keys();
  if (pictures.size > MAX_CACHED && oldest !== undefined) {
    pictures.delete(oldest);
  }
  return picture;
}
