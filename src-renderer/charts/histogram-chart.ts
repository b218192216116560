import { formatFixed } from '../../src-shared/format/numbers';
import { classColor } from '../tokens/class-colors';
import type { ChartSpec } from './chart-spec';
import type { ChartTheme } from './chart-theme';
import { cosAxis } from './cos-axis';
import { csvOf } from './csv';
import { type DrawingApi, type DrawingParams, group, type Shape } from './custom-shapes';
import { tooltipElement, tooltipOption } from './tooltip';

/** One class's row: how the steps of the class, and those of others, point. */
export interface HistogramRow {
  readonly label: number;
  readonly name: string;
  readonly series: readonly HistogramSeries[];
}

export interface HistogramSeries {
  /** Drawn filled: the steps that the row is named after. */
  readonly own: boolean;
  readonly name: string;
  readonly edges: readonly number[];
  /** Part of the pairs in each bin; null where it is kept back. */
  readonly shares: readonly (number | null)[];
}

const rowHeight = 46;
const left = 110;
const right = 20;
const bottom = 40;
const headroom = 12;

/** Ridge plots from histograms: one row a class, on one height scale of density. */
export function histogramChart(
  layer: string,
  rows: readonly HistogramRow[],
  theme: ChartTheme,
): ChartSpec {
  const peak = Math.max(0, ...rows.flatMap(({ series }) => series.flatMap(densities)));
  return {
    title: `Directions of updates at ${layer}`,
    description: `Histograms of cos at layer ${layer}, one row for each predicted class: steps of that class filled, of other classes as a line. Bins that are kept back are left out.`,
    height: headroom + rows.length * rowHeight + bottom,
    unit: 'share of pairs of example and step in each bin of cos',
    points: rows.length,
    marks: rows.reduce((sum, { series }) => sum + series.flatMap(({ shares }) => shares).length, 0),
    classOf: (point) => rows[point]?.label ?? null,
    csv: () =>
      csvOf(
        ['class', 'steps', 'from', 'to', 'share'],
        rows.flatMap(({ name, series }) =>
          series.flatMap(({ name: steps, edges, shares }) =>
            shares.map((share, bin) => [
              ...[name, steps, edges[bin] ?? null, edges[bin + 1] ?? null],
              share ?? 'kept back',
            ]),
          ),
        ),
      ),
    option: {
      textStyle: { fontFamily: theme.fontFamily },
      grid: { left, right, top: headroom, bottom },
      xAxis: cosAxis('cos of update and signal', theme),
      yAxis: { type: 'value', min: 0, max: rows.length, show: false },
      tooltip: tooltipOption(theme, {
        trigger: 'item',
        formatter: ({ dataIndex }: { dataIndex: number }) => tooltip(rows[dataIndex]),
      }),
      series: [
        {
          type: 'custom',
          clip: false,
          data: rows.map((_, at) => [0, at]),
          renderItem: (params: DrawingParams, api: DrawingApi) => {
            const row = rows[params.dataIndex];
            return row
              ? drawRow(row, rows.length - 1 - params.dataIndex, peak, theme, params, api)
              : group([]);
          },
        },
      ],
    },
    table: {
      columns: [
        { title: 'Class', numeric: false },
        { title: 'Steps', numeric: false },
        { title: 'From', numeric: true },
        { title: 'To', numeric: true },
        { title: 'Share', numeric: true },
      ],
      rows: rows.flatMap(({ name, series }) =>
        series.flatMap(({ name: steps, edges, shares }) =>
          shares.map((share, bin) => [
            name,
            steps,
            formatFixed(edges[bin] ?? 0, 2),
            formatFixed(edges[bin + 1] ?? 0, 2),
            share === null ? 'kept back' : formatFixed(share, 2),
          ]),
        ),
      ),
    },
  };
}

/** Share by width: bins of different histograms have different widths. */
function densities({ edges, shares }: HistogramSeries): number[] {
  return shares.map((share, bin) => (share ?? 0) / ((edges[bin + 1] ?? 1) - (edges[bin] ?? 0)));
}

function drawRow(
  row: HistogramRow,
  base: number,
  peak: number,
  theme: ChartTheme,
  { coordSys }: DrawingParams,
  api: DrawingApi,
): Shape {
  const y = api.coord([0, base])[1];
  const x = (cos: number) => api.coord([cos, 0])[0];
  const height = (density: number) => (peak > 0 ? (density / peak) * (rowHeight - 6) : 0);
  const shapes: Shape[] = [];
  for (const series of row.series) {
    const heights = densities(series);
    for (const [bin, share] of series.shares.entries()) {
      const [from, to] = [x(series.edges[bin] ?? 0), x(series.edges[bin + 1] ?? 0)];
      const top = y - height(heights[bin] ?? 0);
      if (share === null || share === 0) continue;
      const points = [
        [from, y],
        [from, top],
        [to, top],
        [to, y],
      ];
      shapes.push(
        series.own
          ? {
              type: 'polygon',
              shape: { points },
              style: {
                fill: classColor(row.label, theme.name),
                stroke: theme.ink,
                lineWidth: 0.75,
              },
            }
          : {
              type: 'polyline',
              shape: { points },
              style: { fill: 'none', stroke: theme.ink2, lineWidth: 1.25 },
            },
      );
    }
  }
  const end = coordSys.x + coordSys.width;
  return group([
    ...shapes,
    {
      type: 'line',
      shape: { x1: coordSys.x, y1: y, x2: end, y2: y },
      style: { stroke: theme.axis, lineWidth: 1 },
    },
    {
      type: 'text',
      x: coordSys.x - 12,
      y: y - 4,
      style: {
        text: shortened(row.name),
        fill: theme.ink,
        font: `${theme.fontSize}px ${theme.fontFamily}`,
        textAlign: 'right',
        textVerticalAlign: 'bottom',
      },
    },
  ]);
}

const longestName = 14;

function shortened(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}

function tooltip(row: HistogramRow | undefined): HTMLElement | string {
  if (!row) return '';
  return tooltipElement({
    title: row.name,
    rows: row.series.map(({ name, shares }) => {
      const hidden = shares.filter((share) => share === null).length;
      return [
        name,
        hidden === 0 ? 'all bins shown' : `${hidden} of ${shares.length} bins kept back`,
      ];
    }),
  });
}
