/**
 * Reads QR pictures as a camera would: PNG through a decoder, SVG after drawing its path at a given size.
 */
import jsQR from 'jsqr';
import { PNG } from 'pngjs';

interface Picture {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** The content of the code in a PNG; undefined if there is no code. */
export function readQrPng(png: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(png);
  return read({ data: new Uint8ClampedArray(data), width, height });
}

/** The content of the code in an SVG of dark horizontal lines on white, drawn at this width. */
export function readQrSvg(svg: string, width: number): string | undefined {
  return read(draw(svg, width));
}

/** Rows and columns of white before the first dark pixel of a PNG. */
export function quietZoneOf(png: Buffer): { rows: number; columns: number } {
  const { data, width, height } = PNG.sync.read(png);
  let [rows, columns] = [height, width];
  for (let index = 0; index < width * height; index += 1) {
    if (data[index * 4] !== 0) {
      continue;
    }
    rows = Math.min(rows, Math.floor(index / width));
    columns = Math.min(columns, index % width);
  }
  return { rows, columns };
}

function read({ data, width, height }: Picture): string | undefined {
  return jsQR.default(data, width, height)?.data;
}

/** Draws the modules of the path: `M x y` and `m dx dy` move, `h n` is a line of n dark modules around y. */
function draw(svg: string, width: number): Picture {
  const modules = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const path = /stroke="#000000" d="([^"]+)"/.exec(svg)?.[1] ?? '';
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  const dark = new Set<string>();
  let [x, y] = [0, 0];
  for (const [, command, a = '0', , b = '0'] of path.matchAll(/([Mmh])(-?[\d.]+)( (-?[\d.]+))?/g)) {
    if (command === 'M') {
      [x, y] = [Number(a), Number(b) - 0.5];
    }
    if (command === 'm') {
      x += Number(a);
    }
    if (command !== 'h') {
      continue;
    }
    for (const end = x + Number(a); x < end; x += 1) {
      dark.add(`${x} ${y}`);
    }
  }
  for (let index = 0; index < width * width; index += 1) {
    const at = (pixel: number) => Math.floor((pixel * modules) / width);
    if (dark.has(`${at(index % width)} ${at(Math.floor(index / width))}`)) {
      data.fill(0, index * 4, index * 4 + 3);
    }
  }
  return { data, width, height: width };
}
