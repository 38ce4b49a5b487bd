/**
 * What a logo must be: one still PNG, JPEG or WebP of a bounded size. It is recognised by its bytes and never by its name or the
 * server's word. Only the head is read; nothing is decoded, so a bomb costs nothing here, and the bound of the pixels bounds what
 * it can cost a payer's phone.
 */
export const MAX_LOGO_BYTES = 200_000;
const MAX_SIDE = 2_000;

export type LogoType = 'image/png' | 'image/jpeg' | 'image/webp';

const EXTENSIONS: Readonly<Record<LogoType, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
};

/** Where the gateway serves a logo. @param hash SHA-256 of the image in hex */
export function logoPath(hash: string, type: LogoType): string {
  return `/logos/${hash}.${EXTENSIONS[type]}`;
}

interface Head {
  readonly type: LogoType;
  /** Undefined: the head is broken. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly isAnimated?: boolean;
}

/** The type of the image, or in words why it cannot be a logo. */
export function inspectLogo(bytes: Uint8Array): { readonly type: LogoType } | { readonly fault: string } {
  if (bytes.length > MAX_LOGO_BYTES) {
    return { fault: `it is larger than ${MAX_LOGO_BYTES / 1_000} kB` };
  }
  const head = headOf(bytes);
  if (!head) {
    return { fault: 'it is not a PNG, JPEG or WebP image' };
  }
  const { type, size, isAnimated } = head;
  if (!size || size.width === 0 || size.height === 0) {
    return { fault: 'the image is damaged' };
  }
  if (isAnimated) {
    return { fault: 'the image is animated' };
  }
  return Math.max(size.width, size.height) > MAX_SIDE
    ? { fault: `it has ${size.width} × ${size.height} pixels, and ${MAX_SIDE} a side are allowed` }
    : { type };
}

function headOf(bytes: Uint8Array): Head | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (textAt(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') {
    return { type: 'image/png', ...readPng(bytes, view) };
  }
  if (textAt(bytes, 0, 3) === '\xff\xd8\xff') {
    return { type: 'image/jpeg', size: readJpeg(view) };
  }
  if (textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 4) === 'WEBP') {
    return { type: 'image/webp', ...readWebp(bytes, view) };
  }
  return undefined;
}

/** Chunks up to the first of the picture; one named acTL before it makes an animation. */
function readPng(bytes: Uint8Array, view: DataView): Omit<Head, 'type'> {
  if (textAt(bytes, 12, 4) !== 'IHDR' || bytes.length < 33) {
    return { size: undefined };
  }
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  for (let at = 33; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = textAt(bytes, at + 4, 4);
    if (name === 'IDAT' || name === 'acTL') {
      return { size, isAnimated: name === 'acTL' };
    }
  }
  return { size: undefined };
}

/** Segments up to the frame header, which has the size. */
function readJpeg(view: DataView): Head['size'] {
  for (let at = 2; at + 9 <= view.byteLength && view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      // A fill byte.
      at += 1;
      continue;
    }
    // Baseline, extended and progressive: what browsers show.
    if (marker >= 0xc0 && marker <= 0xc2) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    // A marker without a length, or the scan before any frame. Decoders skip the former, and would see another frame than this.
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda)) {
      return undefined;
    }
    at += 2 + Math.max(view.getUint16(at + 2), 2);
  }
  return undefined;
}

/** The first chunk: lossy, lossless, or extended, whose flags say whether it is animated. */
function readWebp(bytes: Uint8Array, view: DataView): Omit<Head, 'type'> {
  const name = textAt(bytes, 12, 4);
  if (bytes.length < 30) {
    return { size: undefined };
  }
  if (name === 'VP8 ') {
    const hasStartCode = textAt(bytes, 23, 3) === '\x9d\x01\x2a';
    const size = { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    return { size: hasStartCode ? size : undefined };
  }
  if (name === 'VP8L') {
    const bits = view.getUint32(21, true);
    const size = { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    return { size: view.getUint8(20) === 0x2f ? size : undefined };
  }
  if (name === 'VP8X') {
    const sideAt = (at: number) => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
    return { size: { width: sideAt(24), height: sideAt(27) }, isAnimated: (view.getUint8(20) & 0x02) !== 0 };
  }
  return { size: undefined };
}

/** Latin-1 text of some bytes. */
function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
