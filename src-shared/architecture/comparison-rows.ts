import { formatBytes, formatCount, formatFixed, formatPercent } from '../format/numbers';
import { classNameOf } from '../report/layer-parts';
import type { Estimate } from '../statistics';
import type { ArchitectureComparison, PairedDifference } from './comparison';
import type { RunAccount } from './run-account';
import type { RunSpread, SeedSpread } from './seed-spread';

/** Two runs side by side, as words: what, the first's, the second's. */
export function comparisonRows(
  { first, second }: ArchitectureComparison,
  classNames: readonly string[],
): (readonly [string, string, string])[] {
  const row = (name: string, of: (account: RunAccount) => string) =>
    [name, of(first), of(second)] as const;
  return [
    row('Test accuracy', ({ accuracy }) => percent(accuracy)),
    ...first.classAccuracy.map((_, label) =>
      row(`Class ${classNameOf(classNames, label)}`, (each) => percent(each.classAccuracy[label])),
    ),
    row('Parameters', ({ parameters }) => formatCount(parameters)),
    row('Weights', ({ weightBytes }) => formatBytes(weightBytes)),
    row('Trace', ({ traceBytes }) => formatBytes(traceBytes)),
    row('Recorded in', ({ seconds }) => (seconds === null ? '–' : `${formatFixed(seconds, 1)} s`)),
    ...first.analysis.layers.map(({ name }) =>
      row(`Specificity of ${name}`, ({ analysis }) => {
        const whole = analysis.layers.find((layer) => layer.name === name)?.whole;
        return whole ? formatFixed(whole.specificity, 3) : '–';
      }),
    ),
  ];
}

/** The same over several seeds, each a mean with its interval. */
export function spreadRows(
  { first, second }: SeedSpread,
  classNames: readonly string[],
): (readonly [string, string, string])[] {
  const row = (name: string, of: (run: RunSpread) => string) =>
    [name, of(first), of(second)] as const;
  return [
    row('Test accuracy', ({ accuracy }) => accuracyInWords(accuracy)),
    ...first.classAccuracy.map((_, label) =>
      row(`Class ${classNameOf(classNames, label)}`, ({ classAccuracy }) =>
        accuracyInWords(classAccuracy[label]),
      ),
    ),
    ...first.layers.map(({ name }) =>
      row(`Specificity of ${name}`, ({ layers }) =>
        inWords(layers.find((layer) => layer.name === name)?.specificity, three),
      ),
    ),
  ];
}

/** `−42.2 percentage points, 95 % interval −46.4 to −37.9`. */
export function differenceInWords({ difference, interval }: PairedDifference): string {
  const [low, high] = interval.map(points);
  return `${points(difference)} percentage points, 95 % interval ${low} to ${high}`;
}

const points = (share: number) => formatFixed(share * 100, 1);
const three = (value: number) => formatFixed(value, 3);

function inWords(estimate: Estimate | null | undefined, format: (value: number) => string): string {
  if (!estimate) return '–';
  const [low, high] = estimate.interval;
  return `${format(estimate.mean)}, ${format(low)} to ${format(high)}`;
}

/** Student's interval of a few seeds may reach beyond what an accuracy can be. */
function accuracyInWords(estimate: Estimate | null | undefined): string {
  if (!estimate) return '–';
  const [low, high] = estimate.interval;
  return inWords({ ...estimate, interval: [Math.max(0, low), Math.min(1, high)] }, percent);
}

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : formatPercent(value);
}
