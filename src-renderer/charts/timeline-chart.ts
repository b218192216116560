import type { EpochInfluence } from '../../src-shared/explanation/explanation';
import type { TimelineDrawing } from '../../src-shared/explanation/timeline-drawing';
import { formatCount, formatNumber, formatPercent } from '../../src-shared/format/numbers';
import { classColor } from '../tokens/class-colors';
import type { ChartSpec, ChartTable } from './chart-spec';
import type { ChartTheme } from './chart-theme';
import { csvOf } from './csv';
import { type DrawingApi, type DrawingParams, group, type Shape } from './custom-shapes';
import { endLabels } from './end-labels';
import { tooltipElement, tooltipOption } from './tooltip';

/** How a timeline is drawn: what stands out, and how much room there is. */
export interface TimelineLook {
  readonly predicted: number;
  readonly label: number;
  readonly focus: number | null;
  readonly className: (label: number) => string;
  readonly theme: ChartTheme;
  /** Height of the upper part, the sums by class. */
  readonly sumsHeight: number;
  /** With a slider for the range of steps. */
  readonly slider: boolean;
}

const left = 50;
const right = 84;
const top = 20;
const barsHeight = 56;
const rateHeight = 22;
const gap = 20;

/**
 * Influence by step: the sums by class so far, γ of single steps below, and the learning rate where
 * it changes; epochs along the top.
 */
export function timelineChart(data: TimelineDrawing, look: TimelineLook): ChartSpec {
  const { range, layer, epochs } = data;
  const { theme, className, sumsHeight } = look;
  const changes = new Set(data.rates.map(([, rate]) => rate)).size > 1;
  // A step that mixes classes belongs to none: its line is the whole.
  const strong = (of: number) =>
    of < 0 || of === look.predicted || of === look.label || of === look.focus;
  const colorOf = (of: number) => {
    if (of < 0) return theme.accent;
    return strong(of) ? classColor(of, theme.name, look.predicted) : theme.axis;
  };
  const barsTop = top + sumsHeight + gap;
  const rateTop = barsTop + barsHeight + gap;
  const bottom = changes ? rateTop + rateHeight : barsTop + barsHeight;
  const grids = [
    { left, right, top, height: sumsHeight },
    { left, right, top: barsTop, height: barsHeight },
    ...(changes ? [{ left, right, top: rateTop, height: rateHeight }] : []),
  ];
  const last = grids.length - 1;
  const courses = data.courses
    .map((course) => ({
      ...course,
      points: course.points,
      color: colorOf(course.label),
      endLabel: className(course.label),
      strong: strong(course.label),
    }))
    .sort((a, b) => Number(a.strong) - Number(b.strong));
  const quiet = { axisLine: { show: false }, axisTick: { show: false } };
  const text = { color: theme.ink3, fontSize: 11 };
  const percent = (value: number) =>
    formatPercent(value, value !== 0 && Math.abs(value) < 0.0995 ? 1 : 0);
  const yAxis = (gridIndex: number, formatter: (value: number) => string, splits: number) => ({
    type: 'value',
    gridIndex,
    ...quiet,
    scale: gridIndex === 2,
    splitNumber: splits,
    splitLine: { lineStyle: { color: theme.line } },
    axisLabel: { ...text, formatter, hideOverlap: true, showMinLabel: gridIndex !== 2 },
  });
  return {
    title: `Influence by step at ${layer}`,
    description: `Contributions of the steps so far by class and of single steps, as shares of the signal, over ${formatCount(data.steps)} steps. ${reachedWords(data)}`,
    height: bottom + 36 + (look.slider ? 30 : 0),
    unit: 'γ of a step as a share of the layer’s signal',
    points: data.bars.length,
    marks: data.bars.length + data.courses.reduce((sum, { points }) => sum + points.length, 0),
    classOf: (point) => {
      const label = data.bars[point]?.label ?? -1;
      return label < 0 ? null : label;
    },
    csv: () => stepCsv(data, className),
    spoken: (point) => {
      const bar = data.bars[point];
      return bar ? spokenRow(bar.step, data, look) : '';
    },
    option: {
      textStyle: { fontFamily: theme.fontFamily },
      grid: grids,
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      xAxis: [
        ...grids.map((_, gridIndex) => ({
          type: 'value',
          gridIndex,
          min: 0,
          max: data.steps,
          ...quiet,
          axisLine: { show: gridIndex === last, onZero: false, lineStyle: { color: theme.axis } },
          splitLine: { show: false },
          axisLabel: {
            ...text,
            show: gridIndex === last,
            hideOverlap: true,
            formatter: formatCount,
          },
          ...(gridIndex === last
            ? { name: 'step', nameLocation: 'middle', nameGap: 20, nameTextStyle: text }
            : {}),
        })),
      ],
      yAxis: [
        yAxis(0, percent, 3),
        yAxis(1, percent, 1),
        ...(changes ? [yAxis(2, (value) => formatNumber(value, 2), 1)] : []),
      ],
      ...(look.slider ? { dataZoom: [slider(range, grids.length, theme)] } : {}),
      tooltip: tooltipOption(theme, {
        trigger: 'axis',
        axisPointer: { type: 'line', lineStyle: { color: theme.axis, width: 1 } },
        formatter: (items: readonly { readonly axisValue?: number }[]) => {
          const at = items[0]?.axisValue;
          if (at === undefined) return '';
          const step = Math.max(0, Math.min(data.steps - 1, Math.floor(at)));
          return tooltipElement(tooltipOf(step, data, look));
        },
      }),
      series: [
        {
          type: 'line',
          xAxisIndex: 1,
          yAxisIndex: 1,
          data: data.bars.map(({ step, share }) => [step + 0.5, share]),
          showSymbol: false,
          lineStyle: { opacity: 0 },
        },
        epochMarks(epochs, data, look, bottom),
        ...courses.map((course) => ({
          type: 'line',
          xAxisIndex: 0,
          yAxisIndex: 0,
          name: course.endLabel,
          data: course.points,
          showSymbol: false,
          lineStyle: {
            color: course.color,
            width: course.strong ? 2.25 : 1,
            opacity: course.strong ? 1 : 0.55,
          },
          itemStyle: { color: course.color },
        })),
        ...endLabels(courses, theme),
        barsOf(data, colorOf, strong),
        ...(changes ? [rateOf(data, theme)] : []),
        names(theme, changes, { barsTop, rateTop }),
      ],
    },
    table: stepTable(data, className),
  };
}

/** How much of the signal was there after the first epochs, in words. */
export function reachedWords({ epochs, initialization, unit }: TimelineDrawing): string {
  const [first, then] =
    unit === 'update' ? ['was there at the start', 'after'] : ['is of the start', 'with'];
  const told = epochs.length <= 4 ? epochs : [...epochs.slice(0, 3), ...epochs.slice(-1)];
  const parts = [
    `${formatPercent(initialization, 0)} ${first}`,
    ...told.map(({ epoch, reached }) => `${formatPercent(reached, 0)} ${then} epoch ${epoch}`),
  ];
  return `Of the signal, ${parts.join(', ')}.`;
}

function stepTable(data: TimelineDrawing, className: (label: number) => string): ChartTable {
  const numeric = true;
  return {
    columns: [
      { title: 'Step', numeric },
      { title: 'Epoch', numeric },
      { title: 'Learning rate', numeric },
      { title: 'Class', numeric: false },
      { title: 'γ, of the signal', numeric },
    ],
    rows: data.bars.map(({ step, label, share }) => [
      formatCount(step),
      formatCount(epochOf(step, data)?.epoch ?? 0),
      formatNumber(rateAt(step, data)),
      className(label),
      formatPercent(share, 3),
    ]),
  };
}

function stepCsv(data: TimelineDrawing, className: (label: number) => string): string {
  return csvOf(
    ['step', 'epoch', 'learningRate', 'class', 'share'],
    data.bars.map(({ step, label, share }) => {
      const epoch = epochOf(step, data)?.epoch ?? null;
      return [step, epoch, rateAt(step, data), className(label), share];
    }),
  );
}

function epochOf(step: number, { epochs }: TimelineDrawing): EpochInfluence | undefined {
  return epochs.find(({ steps }) => step >= steps.from && step < steps.to);
}

function rateAt(step: number, { rates }: TimelineDrawing): number {
  let rate = rates[0]?.[1] ?? Number.NaN;
  for (const [at, value] of rates) {
    if (at > step) break;
    rate = value;
  }
  return rate;
}

function tooltipOf(step: number, data: TimelineDrawing, look: TimelineLook) {
  const bar = data.bars.find((each) => each.step >= step) ?? data.bars.at(-1);
  const at = bar?.step ?? step;
  const rows: [string, string][] = [
    ['epoch', String(epochOf(at, data)?.epoch ?? '–')],
    ['learning rate', formatNumber(rateAt(at, data))],
  ];
  if (bar) {
    rows.push(['class', look.className(bar.label)], ['γ', formatPercent(bar.share, 2)]);
  }
  for (const { label, points } of data.courses) {
    const marked = label === look.predicted || label === look.label || label === look.focus;
    const reached = points.find(([done]) => done > at)?.[1];
    if (!marked || reached === undefined) continue;
    rows.push([`Σγ of ${look.className(label)}`, formatPercent(reached, 1)]);
  }
  return { title: `Step ${formatCount(at)}`, rows };
}

function spokenRow(step: number, data: TimelineDrawing, look: TimelineLook): string {
  const { title, rows } = tooltipOf(step, data, look);
  return [title, ...rows.map(([name, value]) => `${name}: ${value}`)].join(', ');
}

/** The range as a slider; the fields beside the chart do the same by keyboard. */
function slider(
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
function epochMarks(
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

/** γ of single steps, as bars from zero. */
function barsOf(
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

function rateOf({ rates }: TimelineDrawing, theme: ChartTheme): object {
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
function names(
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
