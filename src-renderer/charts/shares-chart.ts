import {
  formatCount,
  formatNumber,
  formatPercent,
  formatTinyPercent,
} from '../../src-shared/format/numbers';
import type { ChartSpec } from './chart-spec';
import type { ChartTheme } from './chart-theme';
import { csvOf } from './csv';
import { type DrawingApi, type DrawingParams, group, type Shape } from './custom-shapes';
import {
  drawPart,
  type MarkedClasses,
  type PlacedPart,
  residualMark,
  type SharePart,
} from './shares-drawing';
import { tooltipElement, tooltipOption } from './tooltip';

/**
 * Shares of a layer as one bar: negative parts left of zero, the others right of it, together
 * 100 %. The residual is always labelled, however small.
 */
export function sharesChart(
  layer: string,
  parts: readonly SharePart[],
  residual: string,
  theme: ChartTheme,
  marked: MarkedClasses,
): ChartSpec {
  const placed = placeParts(parts.filter(({ kind }) => kind !== 'residual'));
  const low = Math.min(0, ...placed.map(({ from }) => from));
  const high = Math.max(1, ...placed.map(({ to }) => to));
  const step = tickStep(high - low);
  return {
    title: `Shares of ${layer}`,
    description: `Stacked bar of the parts of layer ${layer}: initialization, each class and what is left. Negative parts stand left of zero. Residual ${residual}.`,
    height: 70,
    unit: 'share of the layer’s signal',
    points: placed.length,
    marks: placed.length,
    classOf: (point) => placed[point]?.label ?? null,
    csv: () =>
      csvOf(
        ['part', 'share', 'steps'],
        parts.map(({ name, share, steps }) => [name, share, steps]),
      ),
    option: {
      textStyle: { fontFamily: theme.fontFamily },
      grid: { left: 8, right: 96, top: 2, bottom: 22 },
      xAxis: {
        type: 'value',
        min: Math.floor(low / step - 1e-9) * step,
        max: Math.ceil(high / step - 1e-9) * step,
        interval: step,
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { lineStyle: { color: theme.line } },
        axisLabel: {
          color: theme.ink3,
          fontSize: 11,
          hideOverlap: true,
          padding: [0, 4],
          formatter: (value: number) => formatPercent(value, 0),
        },
      },
      yAxis: { type: 'value', min: 0, max: 1, show: false },
      tooltip: tooltipOption(theme, {
        trigger: 'item',
        formatter: ({ dataIndex }: { dataIndex: number }) =>
          tooltip(placed[dataIndex], marked.whole),
      }),
      series: [
        {
          type: 'custom',
          clip: false,
          data: placed.map(({ from }) => [from, 0]),
          renderItem: ({ dataIndex }: DrawingParams, api: DrawingApi): Shape => {
            const part = placed[dataIndex];
            return group(part ? drawPart(part, theme, api, marked) : []);
          },
        },
        residualMark(residual, theme),
      ],
    },
    table: {
      columns: [
        { title: 'Part', numeric: false },
        { title: 'Share', numeric: true },
        { title: 'Steps', numeric: true },
      ],
      rows: parts.map(({ name, share, steps, kind }) => [
        name,
        kind === 'residual' ? formatTinyPercent(share) : formatPercent(share, 2),
        steps === null ? '' : formatCount(steps),
      ]),
    },
  };
}

function placeParts(parts: readonly SharePart[]): PlacedPart[] {
  let positive = 0;
  let negative = 0;
  return parts.map((part) => {
    if (part.share >= 0) {
      const from = positive;
      positive += part.share;
      return { ...part, from, to: positive };
    }
    const to = negative;
    negative += part.share;
    return { ...part, from: negative, to };
  });
}

function tickStep(span: number): number {
  for (const step of [0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50]) if (span / step <= 8) return step;
  return 10 ** Math.ceil(Math.log10(span / 8));
}

function tooltip(part: PlacedPart | undefined, whole?: number): HTMLElement | string {
  if (!part) return '';
  const rows: [string, string][] = [['share', formatPercent(part.share, 2)]];
  if (whole !== undefined) rows.push(['γ', formatNumber(part.share * whole)]);
  if (part.steps !== null) rows.push(['steps', formatCount(part.steps)]);
  return tooltipElement({ title: part.name, rows });
}
