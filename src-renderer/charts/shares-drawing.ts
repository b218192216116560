import { formatPercent } from '../../src-shared/format/numbers';
import type { PartKind } from '../../src-shared/report/layer-parts';
import { classColor, inkOn } from '../tokens/class-colors';
import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group, hatch, type Shape } from './custom-shapes';

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
  /** What the shares are parts of, ‖z‖² or a margin: times a share it is the part's γ. */
  readonly whole?: number;
}

/** A part with the place it takes on the bar. */
export interface PlacedPart extends SharePart {
  readonly from: number;
  readonly to: number;
}

/** One part: its fill, its hatch where it belongs to no class, its label where there is room. */
export function drawPart(
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
    style: {
      fill: 'none',
      stroke: part.label === null ? theme.axis : theme.ink2,
      lineWidth: 0.75,
      opacity,
    },
    silent: true,
  });
  shapes.push(...partLabel(part, area, fill, theme, away ? 0.6 : 1));
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
  const alone = part.name.length * 6.4 + 6 <= area.width ? part.name : percent;
  if (area.width < alone.length * 6.4 + 6) return [];
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
              x: x - (both ? wide : alone.length * 6.4 + 6) / 2,
              y: middle - (both ? 14 : 8),
              width: both ? wide : alone.length * 6.4 + 6,
              height: both ? 28 : 16,
              r: 2,
            },
            style: { fill: theme.surface, opacity: 0.94 },
            silent: true,
          },
        ]
      : [];
  if (!both) return [...sheet, text(alone, middle, 500)];
  return [...sheet, text(part.name, middle - 7, 500), text(percent, middle + 7, 400)];
}

/** The residual is far too thin to be seen; it gets a mark and its number at the end of the bar. */
export function residualMark(residual: string, theme: ChartTheme): object {
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
