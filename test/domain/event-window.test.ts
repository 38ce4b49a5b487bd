import { describe, expect, it } from 'vitest';
import { lowerWindowEnd } from '../../src/domain/event-window.ts';

describe('the end of a window', () => {
  it('stays where no row has an older one beyond it', () => {
    expect(lowerWindowEnd(20n, [{ xact: 5n, olderRowsXact: 19n }])).toBe(20n);
    expect(lowerWindowEnd(20n, [])).toBe(20n);
  });

  it('is lowered to the first row whose intent has an older row at or beyond it', () => {
    expect(
      lowerWindowEnd(20n, [
        { xact: 12n, olderRowsXact: 20n },
        { xact: 15n, olderRowsXact: 30n },
      ]),
    ).toBe(12n);
  });

  it('is lowered again for rows that the first lowering has separated from their older rows', () => {
    expect(
      lowerWindowEnd(20n, [
        { xact: 12n, olderRowsXact: 25n },
        { xact: 4n, olderRowsXact: 13n },
      ]),
    ).toBe(4n);
  });
});
