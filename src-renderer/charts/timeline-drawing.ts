import type { EpochInfluence } from '../../src-shared/explanation/explanation';
import type { TimelineDrawing } from '../../src-shared/explanation/timeline-drawing';
import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group, hatch, type Shape } from './custom-shapes';
import type { TimelineLook } from './timeline-words';

/** Where the parts of a timeline lie, in pixels; the upper part's height is the look's. */
export const timelinePlace = {
  left: 50,
  right: 84,
  top: 20,
  barsHeight: 56,
  rateHeight: 22,
  gap: 20,
} as const;

const { left, right, top, barsHeight, rateHeight } = timelinePlace;

/** The range as a slider; the fields beside the chart do the same by keyboard. */
export function slider(
  { from, to }: TimelineDrawing['range'],
  axes: number,
  theme: ChartTheme,
): Record<string, unknown> {
  return {
    type: 'slider',
    xAxisIndex: Array.from({ length: axes }, (_, at) => at),
    filterMode: 'none',
    startValue: from,
    endValue: to,
    // Asked anew once it is let go, not while it is moved.
    realtime: false,
    showDataShadow: false,
    showDetail: false,
    brushSelect: false,
    left,
    right,
    bottom: 2,
    height: 24,
    borderColor: theme.line,
    backgroundColor: 'transparent',
    fillerColor: theme.name === 'dark' ? 'rgb(147 180 255 / 16%)' : 'rgb(31 79 180 / 12%)',
    handleSize: '100%',
    handleStyle: { color: theme.surface, borderColor: theme.axis },
    moveHandleSize: 0,
    emphasis: { handleStyle: { borderColor: theme.accent } },
  };
}

/** Verticals where epochs begin, through all parts, with their numbers above. */
export function epochMarks(
  epochs: readonly EpochInfluence[],
  { range }: TimelineDrawing,
  { theme }: TimelineLook,
  bottom: number,
): object {
  return custom(0, [[range.from, 0]], ({ coordSys }, api) => {
    const children: Shape[] = [];
    let free = coordSys.x;
    for (const { epoch, steps } of epochs) {
      if (steps.to <= range.from || steps.from >= range.to) continue;
      const x = Math.max(coordSys.x, api.coord([steps.from, 0])[0]);
      const name =
        epoch === epochs[0]?.epoch || free === coordSys.x ? `epoch ${epoch}` : `${epoch}`;
      if (x < free - 0.5) continue;
      free = x + name.length * 6 + 10;
      const line = { x1: x, y1: top - 4, x2: x, y2: bottom };
      children.push(
        { type: 'line', shape: line, style: { stroke: theme.line, lineWidth: 1 }, silent: true },
        caption(name, x + 3, top - 10, theme),
      );
    }
    return group(children);
  });
}

/** Dashed verticals where an interrupted recording went on, so that no jump is taken for one. */
export function resumedAt(
  steps: readonly number[],
  { range }: TimelineDrawing,
  theme: ChartTheme,
  bottom: number,
): object {
  const inside = steps.filter((step) => step > range.from && step < range.to);
  return custom(0, [[range.from, 0]], (_, api) =>
    group(
      inside.flatMap((step): Shape[] => {
        const x = api.coord([step, 0])[0];
        const style = { stroke: theme.ink3, lineWidth: 1, lineDash: [3, 3] };
        const shape = { x1: x, y1: top, x2: x, y2: bottom };
        return [
          { type: 'line', shape, style, silent: true },
          caption('resumed', x + 3, bottom - 6, theme),
        ];
      }),
    ),
  );
}

/** What is not read yet, hatched from top to bottom. */
export function unreadOf(read: number, steps: number, theme: ChartTheme, bottom: number): object {
  return custom(0, [[read, 0]], (_, api) => {
    const [x, end] = [api.coord([read, 0])[0], api.coord([steps, 0])[0]];
    const area = { x, y: top, width: end - x, height: bottom - top };
    // Low, as the names of the classes stand at the end of their lines.
    const words = caption('not yet read', x + 6, bottom - 8, theme);
    return group([...hatch(area, 7, { stroke: theme.line, lineWidth: 1 }), words]);
  });
}

/** γ of single steps, as bars from zero. */
export function barsOf(
  data: TimelineDrawing,
  colorOf: (label: number) => string,
  strong: (label: number) => boolean,
): object {
  const { bars, range } = data;
  const ordered = [...bars].sort((a, b) => Number(strong(a.label)) - Number(strong(b.label)));
  return custom(1, [[range.from, 0]], ({ coordSys }, api) => {
    const width = Math.max(1, Math.min(6, (0.7 * coordSys.width) / Math.max(1, bars.length)));
    const zero = api.coord([0, 0])[1];
    return group(
      ordered.map(({ step, label, share }): Shape => {
        const [x, y] = api.coord([step + 0.5, share]);
        const [from, height] = [Math.min(y, zero), Math.max(0.5, Math.abs(y - zero))];
        return {
          type: 'rect',
          shape: { x: x - width / 2, y: from, width, height },
          style: { fill: colorOf(label), opacity: strong(label) ? 1 : 0.6 },
          silent: true,
        };
      }),
    );
  });
}

/** The learning rate, step by step. */
export function rateOf({ rates }: TimelineDrawing, theme: ChartTheme): object {
  return {
    type: 'line',
    xAxisIndex: 2,
    yAxisIndex: 2,
    data: rates.map(([step, rate]) => [step + 0.5, rate]),
    showSymbol: false,
    silent: true,
    tooltip: { show: false },
    lineStyle: { color: theme.ink2, width: 1.25 },
    itemStyle: { color: theme.ink2 },
  };
}

/** What each part is, at its right. */
export function names(
  theme: ChartTheme,
  changes: boolean,
  { barsTop, rateTop }: { barsTop: number; rateTop: number },
): object {
  return custom(1, [[0, 0]], ({ coordSys }) => {
    const x = coordSys.x + coordSys.width + 8;
    const rate = changes ? [caption('learning rate', x, rateTop + rateHeight / 2, theme)] : [];
    return group([caption('γ of a step', x, barsTop + barsHeight / 2, theme), ...rate]);
  });
}

function caption(words: string, x: number, y: number, theme: ChartTheme): Shape {
  const font = `400 11px ${theme.fontFamily}`;
  const style = { text: words, fill: theme.ink3, font, textVerticalAlign: 'middle' } as const;
  return { type: 'text', x, y, style, silent: true };
}

function custom(
  axis: number,
  data: readonly (readonly [number, number])[],
  renderItem: (params: DrawingParams, api: DrawingApi) => Shape,
): object {
  return {
    type: 'custom',
    xAxisIndex: axis,
    yAxisIndex: axis,
    clip: false,
    silent: true,
    tooltip: { show: false },
    data,
    renderItem,
  };
}
