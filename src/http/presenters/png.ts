/**
 * A square picture in black and white as PNG with one bit a pixel. With the four bytes a pixel that general encoders take,
 * a picture of 1024 pixels blocked the event loop for up to 180 ms.
 */
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const [ONE_BIT, GRAYSCALE] = [1, 0];
const WHITE_BYTE = 0xff;

/** @param isBlack by column and row */
export function encodePng(width: number, isBlack: (x: number, y: number) => boolean): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(width, 4);
  header.set([ONE_BIT, GRAYSCALE], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(drawRows(width, isBlack))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Each row begins with the number of its filter, which is none. */
function drawRows(width: number, isBlack: (x: number, y: number) => boolean): Buffer {
  const rowBytes = 1 + Math.ceil(width / 8);
  const rows = Buffer.alloc(rowBytes * width, WHITE_BYTE);
  for (let y = 0; y < width; y += 1) {
    const start = y * rowBytes;
    rows[start] = 0;
    for (let x = 0; x < width; x += 1) {
      if (isBlack(x, y)) {
        const at = start + 1 + (x >> 3);
        rows[at] = (rows[at] as number) & ~(0x80 >> (x & 7));
      }
    }
  }
  return rows;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
