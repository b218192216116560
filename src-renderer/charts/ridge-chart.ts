import type { ExplanationUnit } from '../../src-shared/explanation/explanation';
import type { RidgePlot } from '../../src-shared/explanation/ridge';
import { formatCount, formatFixed, formatNumber } from '../../src-shared/format/numbers';
import { classNameOf } from '../../src-shared/report/layer-parts';
import type { ChartSpec } from './chart-spec';
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
import { tooltipElement, tooltipOption } from './tooltip';

/** Rows of the window are this high at least; those on paper are lower. */
const lowestRow = 24;

export const arrowWords = {
  update: { arrow: 'update', length: 'Σ‖Δf‖' },
  credit: { arrow: 'gradient', length: 'Σ‖cgf‖' },
} as const;

/** A plot with the names of its classes, and the example's own label. */
export function ridgeData(
  { layer, grid, predicted, ridges }: RidgePlot,
  seen: {
    readonly unit: ExplanationUnit;
    readonly label: number;
    readonly classNames: readonly string[];
  },
): RidgeData {
  const rows = ridges.map((row) => ({ ...row, name: classNameOf(seen.classNames, row.label) }));
  return { layer, unit: seen.unit, grid, predicted, label: seen.label, rows };
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
  const { arrow, length } = arrowWords[data.unit];
  const predictedName = rows.find(({ label }) => label === data.predicted)?.name ?? '–';
  return {
    title: `Ridge plot of ${data.layer}`,
    description: `Density of cos over the ${arrow}s of each class at layer ${data.layer}, weighted by the length of the ${arrow}. Predicted: ${predictedName}. ${count} classes, most probable first.`,
    height: top + count * layout.rowHeight + bottom,
    unit: 'density of cos, each step weighted by its length',
    points: count,
    marks: rows.length * (data.grid.length + 4),
    classOf: (point) => rows[order[point] ?? -1]?.label ?? null,
    spoken: (point) => saidOf(rows[order[point] ?? -1], length),
    csv: () => ridgeCsv([data]),
    option: {
      textStyle: { fontFamily: theme.fontFamily },
      grid: { left, right, top, bottom },
      xAxis: cosAxis(`cos of ${arrow} and signal`, theme),
      yAxis: { type: 'value', min: 0, max: count, show: false },
      tooltip: tooltipOption(theme, {
        trigger: 'item',
        formatter: ({ dataIndex }: { dataIndex: number }) =>
          rowTooltip(rows[order[dataIndex] ?? 0], length),
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
              { data, row, scale, theme, layout, left, base: count - 1 - at, beside: 'all' },
              params,
              api,
            );
          },
        },
        headings(theme, count, layout.rowHeight),
      ],
    },
    table: {
      columns: [
        { title: 'Class', numeric: false },
        { title: 'Mean cos', numeric: true },
        { title: length, numeric: true },
        { title: 'Steps', numeric: true },
      ],
      rows: rows.map(({ name, meanCos, weight, steps }) => [
        name,
        formatFixed(meanCos, 3),
        formatNumber(weight),
        formatCount(steps),
      ]),
    },
  };
}

/** Every point of the densities of one layer or several, with what their classes are. */
export function ridgeCsv(plots: readonly RidgeData[]): string {
  const columns = ['layer', 'class', 'meanCos', 'weight', 'steps', 'cos', 'density'];
  const points = plots.flatMap(({ layer, grid, rows }) =>
    rows.flatMap(({ name, meanCos, weight, steps, density }) =>
      Array.from(density, (value, i) => {
        const at = grid[i] ?? Number.NaN;
        return [layer, name, meanCos, weight, steps, at, value];
      }),
    ),
  );
  return csvOf(columns, points);
}

export function saidOf(row: RidgeRow | undefined, length: string): string {
  if (!row) return '';
  const { name, meanCos, weight, steps } = row;
  return `${name}: mean cos ${formatFixed(meanCos, 3)}, ${length} ${formatNumber(weight)}, ${formatCount(steps)} steps`;
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
  length: string,
  layer?: string,
): HTMLElement | string {
  if (!row) return '';
  return tooltipElement({
    title: layer === undefined ? row.name : `${row.name}, ${layer}`,
    rows: [
      ['mean cos', formatFixed(row.meanCos, 3)],
      [length, formatNumber(row.weight)],
      ['steps', formatCount(row.steps)],
    ],
  });
}
