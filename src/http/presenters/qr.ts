/**
 * A code as a QR picture: black on white, with the quiet zone that the standard requires.
 */
import { create, type QRCode, toBuffer, toString as toText } from 'qrcode';

/** Modules of white around the code, by ISO/IEC 18004. */
const QUIET_ZONE = 4;
/**
 * 15 % of the code may be unreadable, which suits a screen with glare and finger marks. A higher level needs smaller
 * modules, which are harder to scan from a distance.
 */
const CORRECTION = { errorCorrectionLevel: 'M' } as const;

/** An SVG that fills its container. */
export function presentQrSvg(content: string): Promise<string> {
  return toText(content, { ...CORRECTION, type: 'svg', margin: QUIET_ZONE });
}

/** A PNG of this width and height. Modules are whole pixels, so that their edges are sharp. */
export function presentQrPng(content: string, sizePixels: number): Promise<Buffer> {
  const modules = modulesOf(create(content, CORRECTION));
  const scale = Math.max(1, Math.floor(sizePixels / (modules + 2 * QUIET_ZONE)));
  // What the modules leave over is margin as well; the library takes fractions of a module.
  const margin = Math.max(QUIET_ZONE, (sizePixels / scale - modules) / 2);
  return toBuffer(content, { ...CORRECTION, type: 'png', scale, margin });
}

function modulesOf({ modules }: QRCode): number {
  return modules.size;
}
