import type { ExplanationUnit } from '../../src-shared/explanation/explanation';
import type { RidgeUnits } from '../../src-shared/explanation/ridge';
import {
  formatCount,
  formatFixed,
  formatNumber,
  formatPercent,
  formatTinyPercent,
} from '../../src-shared/format/numbers';

/** What is told of a row; densities are drawn. */
export interface RidgeNumbers {
  readonly mean: number;
  readonly weight: number;
  readonly count: number;
}

/** How a ridge plot's axis, rows and numbers are called. */
export interface RidgeWords {
  /** Under the axis. */
  readonly axis: string;
  /** The same where there is little room. */
  readonly value: string;
  /** What the rows are densities of. */
  readonly density: string;
  /** A value along the axis. */
  readonly tick: (value: number, decimals: number) => string;
  /** The two columns beside the rows. */
  readonly beside: readonly [string, string];
  readonly numbersBeside: (row: RidgeNumbers) => readonly [string, string];
  /** Every number of a row, with its name. */
  readonly numbers: (row: RidgeNumbers) => readonly (readonly [string, string])[];
  /** Names of the columns of unrounded numbers: mean, weight, count, value, density. */
  readonly csv: readonly string[];
}

const arrowWords = {
  update: { arrow: 'update', length: 'Σ‖Δf‖' },
  credit: { arrow: 'gradient', length: 'Σ‖cgf‖' },
} as const;

/** The words of a ridge plot over steps in a unit, or over examples. */
export function ridgeWords(over: RidgeUnits, unit: ExplanationUnit): RidgeWords {
  return over === 'steps' ? stepWords(unit) : exampleWords;
}

function stepWords(unit: ExplanationUnit): RidgeWords {
  const { arrow, length } = arrowWords[unit];
  return {
    axis: `cos of ${arrow} and signal`,
    value: 'cos',
    density: `cos over the ${arrow}s of each class, each weighted by its length`,
    tick: formatFixed,
    beside: ['mean cos', 'steps'],
    numbersBeside: ({ mean, count }) => [formatFixed(mean, 2), formatCount(count)],
    numbers: ({ mean, weight, count }) => [
      ['mean cos', formatFixed(mean, 3)],
      [length, formatNumber(weight)],
      ['steps', formatCount(count)],
    ],
    csv: ['meanCos', 'weight', 'steps', 'cos', 'density'],
  };
}

const exampleWords: RidgeWords = {
  axis: 'share of one training example',
  value: 'share',
  density: 'the shares of each class’s training examples, all with the same weight',
  tick: (value) => (value === 0 ? '0' : formatTinyPercent(value, 2)),
  beside: ['share', 'examples'],
  numbersBeside: ({ mean, count }) => [formatPercent(mean * count), formatCount(count)],
  numbers: ({ mean, count }) => [
    ['share', formatPercent(mean * count, 2)],
    ['mean share', formatTinyPercent(mean, 2)],
    ['examples', formatCount(count)],
  ],
  csv: ['meanShare', 'weight', 'examples', 'share', 'densityAlongAxis'],
};
