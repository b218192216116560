import type { ExplanationUnit } from '../../src-shared/explanation/explanation';
import { type RidgePlot, valueAt } from '../../src-shared/explanation/ridge';
import { classNameOf } from '../../src-shared/report/layer-parts';
import type { ChartSpec, ChartTable } from './chart-spec';
import type { ChartTheme } from './chart-theme';
import { cosAxis } from './cos-axis';
import { csvOf } from './csv';
import { type DrawingApi, type DrawingParams, group } from './custom-shapes';
import {
  bottom,
  drawRidge,
  headings,
  leftOf,
  overlap,
  type RidgeData,
  type RidgeLayout,
  type RidgeRow,
  right,
} from './ridge-drawing';
import { type RidgeNumbers, type RidgeWords, ridgeWords } from './ridge-words';
import { tooltipElement, tooltipOption } from './tooltip';

/** Rows of the window are this high at least; those on paper are lower. */
const lowestRow = 24;

/** A plot with the names of its classes, and the example's own label. */
export function ridgeData(
  { ridges, ...plot }: RidgePlot,
  seen: {
    readonly unit: ExplanationUnit;
    readonly label: number;
    readonly classNames: readonly string[];
  },
): RidgeData {
  const rows = ridges.map((row) => ({ ...row, name: classNameOf(seen.classNames, row.label) }));
  return { ...plot, unit: seen.unit, label: seen.label, rows };
}

/** The ridge plot of Alg. 3: one density per class, the predicted class drawn last. */
export function ridgeChart(data: RidgeData, theme: ChartTheme, layout: RidgeLayout): ChartSpec {
  const { rows } = data;
  const count = rows.length;
  const scale = heightScale(rows);
  const above = headroom(rows, scale) * layout.rowHeight;
  // The heads of the columns need room too, in the window below the figure's tools.
  const top = Math.max(8 + above, (layout.rowHeight < lowestRow ? 32 : 54) - layout.rowHeight);
  // The most probable class is row 0, at the top; it is drawn after all others.
  const order = rows.map((_, at) => count - 1 - at);
  const left = leftOf(rows, layout.names);
  const words = ridgeWords(data.over, data.unit);
  const predictedName = rows.find(({ label }) => label === data.predicted)?.name ?? '–';
  return {
    title: `Ridge plot of ${data.layer}`,
    description: `At layer ${data.layer} the density of ${words.density}. Predicted: ${predictedName}. ${count} classes, most probable first.`,
    height: top + count * layout.rowHeight + bottom,
    unit: `density of ${words.density}`,
    points: count,
    marks: rows.length * (data.grid.length + 4),
    classOf: (point) => rows[order[point] ?? -1]?.label ?? null,
    spoken: (point) => saidOf(rows[order[point] ?? -1], words),
    csv: () => ridgeCsv([data]),
    option: {
      textStyle: { fontFamily: theme.fontFamily },
      grid: { left, right, top, bottom },
      xAxis: cosAxis(words.axis, theme, ticks(data, words, 1)),
      yAxis: { type: 'value', min: 0, max: count, show: false },
      tooltip: tooltipOption(theme, {
        trigger: 'item',
        formatter: ({ dataIndex }: { dataIndex: number }) =>
          rowTooltip(rows[order[dataIndex] ?? 0], words),
      }),
      series: [
        {
          type: 'custom',
          clip: false,
          data: order.map((at) => [0, at]),
          renderItem: (params: DrawingParams, api: DrawingApi) => {
            const at = order[params.dataIndex] ?? 0;
            const row = rows[at];
            if (!row) return group([]);
            return drawRidge(
              { data, row, words, scale, theme, layout, left, base: count - 1 - at, beside: 'all' },
              params,
              api,
            );
          },
        },
        headings(words.beside, theme, count, layout.rowHeight),
      ],
    },
    table: ridgeTable(rows, words),
  };
}

/** Names of the classes, with their numbers. */
export function ridgeTable(
  rows: readonly (RidgeNumbers & { readonly name: string })[],
  words: RidgeWords,
): ChartTable {
  const none = { mean: 0, weight: 0, count: 0 };
  return {
    columns: [
      { title: 'Class', numeric: false },
      ...words.numbers(none).map(([title]) => ({ title: capital(title), numeric: true })),
    ],
    rows: rows.map((row) => [row.name, ...words.numbers(row).map(([, value]) => value)]),
  };
}

export function capital(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** Every point of the densities of one layer or several, with what their classes are. */
export function ridgeCsv(plots: readonly RidgeData[]): string {
  const [first] = plots;
  const names = ridgeWords(first?.over ?? 'steps', first?.unit ?? 'update').csv;
  const points = plots.flatMap((plot) =>
    plot.rows.flatMap((row) =>
      Array.from(row.density, (density, i) => {
        const at = valueAt(plot.axis, plot.grid[i] ?? Number.NaN);
        return [plot.layer, row.name, row.mean, row.weight, row.count, at, density];
      }),
    ),
  );
  return csvOf(['layer', 'class', ...names], points);
}

export function saidOf(row: RidgeRow | undefined, words: RidgeWords): string {
  if (!row) return '';
  return `${row.name}: ${words
    .numbers(row)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}`;
}

/** What stands at places along the axis. */
export function ticks(
  { axis }: Pick<RidgePlot, 'axis'>,
  words: RidgeWords,
  decimals: number,
): (place: number) => string {
  return (place) => words.tick(valueAt(axis, place), decimals);
}

/**
 * Density that one row's height stands for. A class whose updates hardly spread has a spike that
 * would flatten all others; the scale follows the third highest peak then, and the spike is cut.
 */
export function heightScale(rows: readonly Pick<RidgeRow, 'density'>[]): number {
  const peaks = rows
    .map(({ density }) => Math.max(0, ...Array.from(density)))
    .sort((a, b) => b - a);
  const highest = peaks[0] ?? 0;
  const third = peaks[Math.min(2, peaks.length - 1)] ?? 0;
  const reference = third > 0 && highest > 2.5 * third ? 2.5 * third : highest;
  return reference > 0 ? overlap / reference : 0;
}

/** Rows of space above the uppermost baseline that the ridges reach into. */
export function headroom(rows: readonly RidgeRow[], scale: number): number {
  const reach = rows.map(({ density }, at) => {
    const peak = Math.max(0, ...Array.from(density)) * scale;
    return Math.min(peak, overlap) - at - 1;
  });
  return Math.max(0, ...reach);
}

export function rowTooltip(
  row: RidgeRow | undefined,
  words: RidgeWords,
  layer?: string,
): HTMLElement | string {
  if (!row) return '';
  const title = layer === undefined ? row.name : `${row.name}, ${layer}`;
  return tooltipElement({ title, rows: words.numbers(row) });
}
