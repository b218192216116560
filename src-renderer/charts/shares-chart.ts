import {
  formatCount,
  formatFixed,
  formatNumber,
  formatPercent,
} from '../../src-shared/format/numbers';
import type { PartKind } from '../../src-shared/report/layer-parts';
import { classColor, inkOn } from '../tokens/class-colors';
import type { ChartSpec } from './chart-spec';
import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group, hatch, type Shape } from './custom-shapes';
import { tooltipElement, tooltipOption } from './tooltip';

export interface SharePart {
  readonly kind: PartKind;
  readonly label: number | null;
  readonly name: string;
  readonly share: number;
  readonly steps: number | null;
}

/** Classes that stand out: the predicted one, and one that is pointed at elsewhere. */
export interface MarkedClasses {
  readonly predicted: number;
  readonly focus: number | null;
}

interface PlacedPart extends SharePart {
  readonly from: number;
  readonly to: number;
}

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
    points: placed.length,
    option: {
      animation: false,
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
          formatter: (value: number) => formatPercent(value, 0),
        },
      },
      yAxis: { type: 'value', min: 0, max: 1, show: false },
      tooltip: tooltipOption(theme, {
        trigger: 'item',
        formatter: ({ dataIndex }: { dataIndex: number }) => tooltip(placed[dataIndex]),
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
        kind === 'residual' ? formatNumber(share, 1) : formatPercent(share, 2),
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

function drawPart(
  part: PlacedPart,
  theme: ChartTheme,
  api: DrawingApi,
  { focus, predicted }: MarkedClasses,
): Shape[] {
  const [x1, bottom] = api.coord([part.from, 0.1]);
  const [x2, top] = api.coord([part.to, 0.95]);
  const area = { x: x1, y: top, width: Math.max(0.5, x2 - x1), height: bottom - top };
  const away = focus !== null && part.label !== focus;
  const fill = part.label === null ? theme.surface : classColor(part.label, theme.name, predicted);
  const opacity = away ? 0.35 : 1;
  const shapes: Shape[] = [{ type: 'rect', shape: area, style: { fill, opacity } }];
  if (part.label === null) {
    const stroke = { stroke: theme.axis, lineWidth: 0.8, opacity: opacity * 0.8 };
    shapes.push(...hatch(area, part.kind === 'ghost' ? 4 : 6, stroke, part.kind === 'ghost'));
  }
  shapes.push({
    type: 'rect',
    shape: area,
    style: { fill: 'none', stroke: part.label === null ? theme.axis : theme.surface, lineWidth: 1 },
    silent: true,
  });
  shapes.push(...partLabel(part, area, fill, theme, opacity));
  return shapes;
}

function partLabel(
  part: PlacedPart,
  area: { x: number; y: number; width: number; height: number },
  fill: string,
  theme: ChartTheme,
  opacity: number,
): Shape[] {
  const percent = formatPercent(part.share, 0);
  const wide = Math.max(part.name.length * 6.4, percent.length * 6.2) + 10;
  const narrow = part.name.length * 6.4 + 6;
  if (area.width < narrow) return [];
  const ink = part.label === null ? theme.ink : inkOn(fill);
  const x = area.x + area.width / 2;
  const middle = area.y + area.height / 2;
  const both = area.width >= wide;
  const text = (value: string, y: number, weight: number): Shape => ({
    type: 'text',
    x,
    y,
    style: {
      text: value,
      fill: ink,
      opacity,
      font: `${weight} 11px ${theme.fontFamily}`,
      textAlign: 'center',
      textVerticalAlign: 'middle',
    },
    silent: true,
  });
  const sheet: Shape[] =
    part.label === null
      ? [
          {
            type: 'rect',
            shape: {
              x: x - wide / 2,
              y: middle - (both ? 14 : 8),
              width: wide,
              height: both ? 28 : 16,
              r: 2,
            },
            style: { fill: theme.surface, opacity: 0.94 },
            silent: true,
          },
        ]
      : [];
  if (!both) return [...sheet, text(part.name, middle, 500)];
  return [...sheet, text(part.name, middle - 7, 500), text(percent, middle + 7, 400)];
}

/** The residual is far too thin to be seen; it gets a mark and its number at the end of the bar. */
function residualMark(residual: string, theme: ChartTheme) {
  return {
    type: 'custom',
    clip: false,
    silent: true,
    tooltip: { show: false },
    data: [[1, 0]],
    renderItem: ({ coordSys }: DrawingParams, api: DrawingApi): Shape => {
      const x = coordSys.x + coordSys.width + 12;
      const [, bottom] = api.coord([0, 0.1]);
      const [, top] = api.coord([0, 0.95]);
      const middle = (top + bottom) / 2;
      const text = (value: string, y: number, fill: string): Shape => ({
        type: 'text',
        x: x + 8,
        y,
        style: {
          text: value,
          fill,
          font: `400 11px ${theme.fontFamily}`,
          textVerticalAlign: 'middle',
        },
        silent: true,
      });
      const zero = api.coord([0, 0])[0];
      return group([
        {
          type: 'line',
          shape: { x1: zero, y1: top - 4, x2: zero, y2: bottom + 4 },
          style: { stroke: theme.ink, lineWidth: 1 },
          silent: true,
        },
        {
          type: 'line',
          shape: { x1: x, y1: top, x2: x, y2: bottom },
          style: { stroke: theme.ink, lineWidth: 1.5, lineDash: [2, 2] },
          silent: true,
        },
        text('residual', middle - 7, theme.ink2),
        text(residual, middle + 7, theme.ink),
      ]);
    },
  };
}

function tooltip(part: PlacedPart | undefined): HTMLElement | string {
  if (!part) return '';
  const rows: [string, string][] = [['share', `${formatFixed(part.share * 100, 2)} %`]];
  if (part.steps !== null) rows.push(['steps', formatCount(part.steps)]);
  return tooltipElement({ title: part.name, rows });
}
