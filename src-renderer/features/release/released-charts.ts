import { formatPercent } from '../../../src-shared/format/numbers';
import type { CosHistogram, OutputContents } from '../../../src-shared/privacy/release';
import { classNameOf } from '../../../src-shared/report/layer-parts';
import type { ChartSpec } from '../../charts/chart-spec';
import type { ChartTheme } from '../../charts/chart-theme';
import { type HistogramRow, histogramChart } from '../../charts/histogram-chart';
import { lineChart } from '../../charts/line-chart';
import { layerColor } from '../../tokens/class-colors';

const stepWords = { own: 'of this class', other: 'of other classes', all: 'all steps' } as const;

/** The histograms of a layer, a row for each predicted class. */
export function directionsChart(
  layer: string,
  histograms: readonly CosHistogram[],
  names: readonly string[],
  theme: ChartTheme,
): ChartSpec {
  const labels = [...new Set(histograms.map(({ predicted }) => predicted))];
  const rows = labels.map(
    (label): HistogramRow => ({
      label,
      name: classNameOf(names, label),
      series: histograms
        .filter(({ predicted }) => predicted === label)
        .map(({ steps, edges, shares }) => ({
          own: steps !== 'other',
          name: stepWords[steps],
          edges,
          shares: shares.map((share) => (typeof share === 'number' ? share : null)),
        })),
    }),
  );
  return histogramChart(layer, rows, theme);
}

/** How much of each layer's signal the epochs so far have put there. */
export function epochsChart(
  { layers }: OutputContents['timeline'],
  theme: ChartTheme,
  height: number,
): ChartSpec {
  const shown = (value: unknown) => (typeof value === 'number' ? value : null);
  const epochs = Math.max(0, ...layers.map((layer) => layer.epochs.length));
  return lineChart(
    {
      title: 'Influence by epoch',
      description: `Part of the signal of ${layers.length} layers that the initialization and the epochs so far have put there. What is kept back is a gap.`,
      height,
      unit: 'part of each layer’s signal',
      xName: 'epochs done',
      xMax: epochs,
      yFormat: (value) => formatPercent(value, 0),
      xTitle: (value) => (value === 0 ? 'Initialization' : `After epoch ${value}`),
      right: 90,
      series: layers.map(({ layer, initialization, epochs: reached }, at) => ({
        name: layer,
        points: [
          [0, shown(initialization)] as const,
          ...reached.map((each) => [each.epoch, shown(each.reached)] as const),
        ],
        color: layerColor(at, layers.length, theme.name),
        width: 2,
        endLabel: layer,
      })),
    },
    theme,
  );
}
