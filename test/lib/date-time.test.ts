import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, parseDateTime, startOfDay } from '../../src/lib/date-time.ts';

const iso = (text: string) => parseDateTime(text)?.toISOString();

describe('parseDateTime', () => {
  it('reads what RFC 3339 writes, with every form of offset', () => {
    for (const [text, moment] of [
      ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
      ['2026-01-01t00:00:00z', '2026-01-01T00:00:00.000Z'],
      ['2026-01-01 00:00:00.5Z', '2026-01-01T00:00:00.500Z'],
      ['2026-01-01T00:00:00.123456789Z', '2026-01-01T00:00:00.123Z'],
      ['2026-01-01T00:00:00+09', '2025-12-31T15:00:00.000Z'],
      ['2026-01-01T00:00:00+0900', '2025-12-31T15:00:00.000Z'],
      ['2026-01-01T00:00:00+09:00', '2025-12-31T15:00:00.000Z'],
      ['2026-01-01T00:00:00-23:59', '2026-01-01T23:59:00.000Z'],
      ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
      ['9999-12-31T23:59:59-01:00', '+010000-01-01T00:59:59.000Z'],
      ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ] as const) {
      expect([text, iso(text)]).toEqual([text, moment]);
    }
  });

  it('reads a leap second as the moment after it, and only where there can be one', () => {
    expect(iso('2016-12-31T23:59:60Z')).toBe('2017-01-01T00:00:00.000Z');
    expect(iso('2016-12-31T23:59:60.9Z')).toBe('2017-01-01T00:00:00.000Z');
    expect(iso('2017-01-01T08:59:60+09:00')).toBe('2017-01-01T00:00:00.000Z');
    expect(iso('2016-12-31T23:58:60Z')).toBeUndefined();
    expect(iso('2016-12-31T23:59:61Z')).toBeUndefined();
  });

  it('refuses what names no moment', () => {
    for (const text of [
      '',
      '2026-01-01',
      '2026-02-30T00:00:00Z',
      '2025-02-29T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:00',
      '2026-01-01T00:00:00+24:00',
      '2026-01-01T00:00:00 09:00',
      '2026-01-01T00:00:00.Z',
      `2026-01-01T00:00:00.${'0'.repeat(100)}Z`,
    ]) {
      expect([text, parseDateTime(text)]).toEqual([text, undefined]);
    }
  });

  it('never makes an invalid Date, and reads back what Date writes', () => {
    const digits = fc.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z|[+-]\d\d(:?\d\d)?)$/);
    fc.assert(fc.property(digits, (text) => !Number.isNaN(parseDateTime(text)?.getTime() ?? 0)));
    const moments = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(fc.property(moments, (moment) => iso(moment.toISOString()) === moment.toISOString()));
  });
});

describe('startOfDay', () => {
  it('is midnight in the time zone, also on days on which the clocks are changed', () => {
    expect(startOfDay('2026-01-15', 'Asia/Tokyo').toISOString()).toBe('2026-01-14T15:00:00.000Z');
    expect(startOfDay('2026-03-29', 'Europe/Berlin').toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(startOfDay('2026-03-30', 'Europe/Berlin').toISOString()).toBe('2026-03-29T22:00:00.000Z');
    expect(startOfDay('2026-11-01', 'America/Los_Angeles').toISOString()).toBe('2026-11-01T07:00:00.000Z');
    expect(startOfDay('2026-11-02', 'America/Los_Angeles').toISOString()).toBe('2026-11-02T08:00:00.000Z');
  });
});

describe('addDays', () => {
  it('counts over the ends of months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });
});
