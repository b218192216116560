import { formatBytes, formatCount, formatFixed, formatPercent } from '../format/numbers';
import { classNameOf } from '../report/layer-parts';
import type { ArchitectureComparison } from './comparison';
import type { RunAccount } from './run-account';

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

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : formatPercent(value);
}
