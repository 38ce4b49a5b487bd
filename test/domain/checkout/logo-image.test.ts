import { describe, expect, it } from 'vitest';
import { inspectLogo, MAX_LOGO_BYTES } from '../../../src/domain/checkout/logo-image.ts';
import { jpegOf, losslessWebpOf, lossyWebpOf, pngChunk, pngOf, webpOf } from '../../support/images.ts';

const animation = pngChunk('acTL', Buffer.alloc(8));

describe('a logo', () => {
  it.each([
    ['image/png', pngOf(2_000, 1)],
    ['image/png', pngOf(1, 2_000, pngChunk('gAMA', Buffer.alloc(4)))],
    ['image/jpeg', jpegOf(2_000, 2_000)],
    ['image/jpeg', jpegOf(1, 2_000, 0xc0)],
    ['image/webp', webpOf(2_000, 1)],
    ['image/webp', lossyWebpOf(2_000, 1)],
    ['image/webp', losslessWebpOf(2_000, 2_000)],
  ])('is recognised by its bytes: %s', (type, bytes) => {
    expect(inspectLogo(bytes)).toEqual({ type });
  });

  it.each([
    ['with too many pixels, PNG', pngOf(2_001, 1), 'it has 2001 × 1 pixels, and 2000 a side are allowed'],
    ['with too many pixels, JPEG', jpegOf(1, 2_001), 'it has 1 × 2001 pixels, and 2000 a side are allowed'],
    [
      'with too many pixels, WebP',
      webpOf(16_777_216, 1),
      'it has 16777216 × 1 pixels, and 2000 a side are allowed',
    ],
    [
      'with too many pixels, lossy',
      lossyWebpOf(16_383, 1),
      'it has 16383 × 1 pixels, and 2000 a side are allowed',
    ],
    [
      'with too many pixels, lossless',
      losslessWebpOf(1, 16_384),
      'it has 1 × 16384 pixels, and 2000 a side are allowed',
    ],
    ['without pixels', pngOf(0, 10), 'the image is damaged'],
    ['animated, PNG', pngOf(10, 10, animation), 'the image is animated'],
    ['animated, WebP', webpOf(10, 10, 0x02), 'the image is animated'],
    ['cut off, PNG', pngOf(10, 10).subarray(0, 40), 'the image is damaged'],
    ['cut off, JPEG', jpegOf(10, 10).subarray(0, 16), 'the image is damaged'],
    ['cut off, WebP', webpOf(10, 10).subarray(0, 29), 'the image is damaged'],
    [
      'a JPEG with a marker that decoders skip, so that they see another frame than the checked one',
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xd0]), jpegOf(10, 10).subarray(2)]),
      'the image is damaged',
    ],
    ['a JPEG of a form that browsers do not show', jpegOf(10, 10, 0xc9), 'the image is damaged'],
    ['a GIF', Buffer.from('GIF89a0000000000'), 'it is not a PNG, JPEG or WebP image'],
    [
      'an SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'it is not a PNG, JPEG or WebP image',
    ],
    ['empty', Buffer.alloc(0), 'it is not a PNG, JPEG or WebP image'],
    ['too large', Buffer.concat([pngOf(1, 1), Buffer.alloc(MAX_LOGO_BYTES)]), 'it is larger than 200 kB'],
  ])('that is %s is refused', (_name, bytes, fault) => {
    expect(inspectLogo(bytes)).toEqual({ fault });
  });

  it('of any bytes is inspected without an exception, and in bounded steps', () => {
    for (const whole of [pngOf(10, 10, animation), jpegOf(10, 10), webpOf(10, 10), lossyWebpOf(1, 1)]) {
      for (let length = 0; length < whole.length; length += 1) {
        const bytes = Buffer.from(whole);
        bytes.fill(0, length);
        expect(Object.keys(inspectLogo(whole.subarray(0, length)))).toHaveLength(1);
        expect(Object.keys(inspectLogo(bytes))).toHaveLength(1);
      }
    }
  });
});
