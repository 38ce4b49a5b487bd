import { expect, it } from 'vitest';
import { findContrastFault } from '../../../src/domain/checkout/accent-color.ts';

it('accepts colours that are visible on white, and says of others what is missing', () => {
  // #949494 is the lightest grey with 3:1 in WCAG's own examples.
  for (const color of ['#000000', '#ff0033', '#0a7d5a', '#949494', '#0000ff']) {
    expect([color, findContrastFault(color)]).toEqual([color, undefined]);
  }
  expect(findContrastFault('#959595')).toBe(
    'has a contrast of 2.99:1 to the white of the page, and needs 3:1: use a darker color',
  );
  expect(findContrastFault('#ffffff')).toContain('1:1');
  expect(findContrastFault('#ffcc00')).toContain('1.');
});
