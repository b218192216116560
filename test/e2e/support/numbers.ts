import { expect } from '@playwright/test';

/** A number as it is written for people: U+2212 for minus, spaces, perhaps a per cent sign. */
interface Shown {
  readonly value: number;
  /** What one unit of its last digit stands for. */
  readonly unit: number;
}

const pattern = /^(-?)(\d+)(?:\.(\d+))?(?:e(-?\d+))?(%?)$/;

function shown(text: string): Shown {
  const plain = text.replace(/\u2212/g, '-').replace(/\s/g, '');
  const match = pattern.exec(plain);
  if (!match) throw new Error(`“${text}” is no number`);
  const [, sign, whole, decimals = '', exponent = '0', percent] = match;
  const scale = 10 ** Number(exponent) / (percent ? 100 : 1);
  const value = Number(`${sign}${whole}.${decimals || '0'}`) * scale;
  return { value, unit: 10 ** -decimals.length * scale };
}

/** The value of a number that is shown; per cent are parts of one. */
export function shownValue(text: string): number {
  return shown(text).value;
}

/** The most that rounding may have taken away from what is shown, or added to it. */
export function roundingOf(text: string): number {
  return shown(text).unit / 2;
}

/** Checks that what is shown is `value`, rounded to the digits shown. */
export function expectShown(text: string, value: number, what: string): void {
  const { value: read, unit } = shown(text);
  const allowed = (unit / 2) * (1 + 1e-6) + Math.abs(value) * 1e-9;
  expect(
    Math.abs(read - value),
    `${what}: “${text}” is shown, ${value} was computed`,
  ).toBeLessThanOrEqual(allowed);
}
