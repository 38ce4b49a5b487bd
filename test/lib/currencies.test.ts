import { describe, expect, it } from 'vitest';
import { currencyDigits, isCurrency } from '../../src/lib/currencies.ts';

describe('currencies', () => {
  it('accepts the codes of ISO 4217, and no historic or lower-case ones', () => {
    expect(['JPY', 'USD', 'KWD', 'CLF', 'XAU', 'ZWG'].filter((code) => !isCurrency(code))).toEqual([]);
    expect(['DEM', 'jpy', 'ZZZ', ''].filter(isCurrency)).toEqual([]);
  });

  it('still accepts the codes withdrawn in 2024', () => {
    expect(['SLL', 'ZWL'].map((code) => [isCurrency(code), currencyDigits(code)])).toEqual([
      [true, 2],
      [true, 2],
    ]);
  });

  it('knows the decimals of the standard', () => {
    // Everyday use, which Intl follows, has no decimals for HUF.
    expect(['JPY', 'USD', 'HUF', 'KWD', 'CLF', 'XXX'].map(currencyDigits)).toEqual([0, 2, 2, 3, 4, 0]);
  });
});
