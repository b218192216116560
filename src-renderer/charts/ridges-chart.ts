import type { ChartSpec } from './chart-spec';
import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group } from './custom-shapes';
import {
  headroom,
  heightScale,
  ridgeCsv,
  ridgeTable,
  rowTooltip,
  saidOf,
  ticks,
} from './ridge-chart';
import { bottom, drawRidge, leftOf, type RidgeData, type RidgeLayout } from './ridge-drawing';
import { ridgeWords } from './ridge-words';
import { tooltipOption } from './tooltip';

export interface RidgesLayout extends RidgeLayout {
  /** Width of the whole, in pixels. */
  readonly width: number;
  /** The layer that is looked at elsewhere. */
  readonly chosen: string;
}

const gap = 14;
const narrowest = 112;
/** Height of the line of layer names. */
const names = 20;

/** Pixels that plots need at least. */
export function ridgesWidth(plots: readonly RidgeData[]): number {
  return leftOf(plots[0]?.rows ?? []) + plots.length * (narrowest + gap);
}

/**
 * Ridge plots of several layers side by side (the paper's Fig. 7): the same classes in the same rows,
 * on one height scale, the predicted class drawn last.
 */
export function ridgesChart(
  plots: readonly RidgeData[],
  theme: ChartTheme,
  layout: RidgesLayout,
): ChartSpec {
  const [first] = plots;
  const rows = first?.rows ?? [];
  const count = rows.length;
  const words = ridgeWords(first?.over ?? 'steps', first?.unit ?? 'update');
  const scale = heightScale(plots.flatMap((plot) => plot.rows));
  const above = Math.max(0, ...plots.map((plot) => headroom(plot.rows, scale)));
  const top = names + 8 + above * layout.rowHeight;
  const order = rows.map((_, at) => count - 1 - at);
  const left = leftOf(rows);
  const width = (layout.width - left) / Math.max(1, plots.length) - gap;
  const rowOf = (point: number) =>
    plots[Math.floor(point / count)]?.rows[order[point % count] ?? -1];
  const tick = { color: theme.ink3, fontSize: 11 };
  const predictedName = rows.find(({ label }) => label === first?.predicted)?.name ?? '–';
  return {
    title: 'Ridge plots through the layers',
    description: `At ${plots.map(({ layer }) => layer).join(', ')} the density of ${words.density}, on one scale. Predicted: ${predictedName}. ${count} classes, most probable first.`,
    unit: `density of ${words.density}`,
    height: top + count * layout.rowHeight + bottom,
    points: plots.length * count,
    perSeries: count,
    marks: plots.reduce((sum, { grid }) => sum + count * (grid.length + 4), 0),
    classOf: (point) => rowOf(point)?.label ?? null,
    spoken: (point) => `${plots[Math.floor(point / count)]?.layer}, ${saidOf(rowOf(point), words)}`,
    csv: () => ridgeCsv(plots),
    option: {
      textStyle: { fontFamily: theme.fontFamily },
      grid: plots.map((_, at) => ({ left: left + at * (width + gap), width, top, bottom })),
      // What stands above its plot is seen with the first row, however many follow.
      title: plots.map(({ layer }, at) => ({
        text: layer,
        left: left + at * (width + gap),
        top: 2,
        padding: 0,
        textStyle: {
          color: layer === layout.chosen ? theme.ink : theme.ink2,
          fontFamily: theme.fontFamily,
          fontSize: 12,
          fontWeight: layer === layout.chosen ? 600 : 400,
          width,
          overflow: 'truncate',
        },
      })),
      xAxis: plots.map((plot, gridIndex) => ({
        type: 'value',
        gridIndex,
        min: -1,
        max: 1,
        interval: 1,
        name: words.value,
        nameLocation: 'middle',
        nameGap: 22,
        nameTextStyle: { color: theme.ink3, fontSize: 11 },
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { lineStyle: { color: theme.line } },
        axisLabel: {
          ...tick,
          // The ends of neighbours would run into each other.
          alignMinLabel: 'left',
          alignMaxLabel: 'right',
          formatter: ticks(plot, words, 0),
        },
      })),
      yAxis: plots.map((_, gridIndex) => ({
        type: 'value',
        gridIndex,
        min: 0,
        max: count,
        show: false,
      })),
      tooltip: tooltipOption(theme, {
        trigger: 'item',
        formatter: ({ dataIndex, seriesIndex }: { dataIndex: number; seriesIndex: number }) =>
          rowTooltip(rowOf(seriesIndex * count + dataIndex), words, plots[seriesIndex]?.layer),
      }),
      series: plots.map((data, at) => ({
        type: 'custom',
        clip: false,
        xAxisIndex: at,
        yAxisIndex: at,
        data: order.map((row) => [0, row]),
        renderItem: (params: DrawingParams, api: DrawingApi) => {
          const place = order[params.dataIndex] ?? 0;
          const row = data.rows[place];
          if (!row) return group([]);
          const beside = at === 0 ? 'name' : 'nothing';
          const drawing = {
            data,
            row,
            words,
            scale,
            theme,
            layout,
            left,
            base: count - 1 - place,
            beside,
          } as const;
          return drawRidge(drawing, params, api);
        },
      })),
    },
    table: {
      columns: [{ title: 'Layer', numeric: false }, ...ridgeTable([], words).columns],
      rows: plots.flatMap((plot) =>
        ridgeTable(plot.rows, words).rows.map((cells) => [plot.layer, ...cells]),
      ),
    },
  };
}
