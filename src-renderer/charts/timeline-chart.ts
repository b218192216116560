import type { TimelineDrawing } from '../../src-shared/explanation/timeline-drawing';
import { formatCount, formatNumber, formatPercent } from '../../src-shared/format/numbers';
import { classColor, isFaint } from '../tokens/class-colors';
import type { ChartSpec } from './chart-spec';
import { endLabels } from './end-labels';
import {
  barsOf,
  epochMarks,
  names,
  rateOf,
  resumedAt,
  slider,
  timelinePlace,
  unreadOf,
} from './timeline-drawing';
import {
  reachedWords,
  spokenRow,
  stepCsv,
  stepTable,
  type TimelineLook,
  tooltipOf,
  wholeWords,
} from './timeline-words';
import { tooltipElement, tooltipOption } from './tooltip';

/** A tick's share with the decimals that it needs, and no more. */
function percent(share: number): string {
  const exact = [0, 1, 2].find((places) => {
    const shown = share * 100 * 10 ** places;
    return Math.abs(shown - Math.round(shown)) < 1e-6;
  });
  return formatPercent(share, exact ?? 3);
}

const { left, right, top, barsHeight, rateHeight, gap } = timelinePlace;

/**
 * Influence by step: the sums by class so far, γ of single steps below, and the learning rate where
 * it changes; epochs along the top.
 */
export function timelineChart(data: TimelineDrawing, look: TimelineLook): ChartSpec {
  const { range, layer, epochs } = data;
  const { theme, className, sumsHeight, unread } = look;
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
    description: `Contributions of the steps so far by class and of single steps, as shares of ${wholeWords[data.whole]}, over ${formatCount(data.steps)} steps. ${reachedWords(data)}`,
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
          max: unread ?? data.steps,
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
      // While steps are still being read, all of them are in sight and none can be chosen.
      ...(look.slider && unread === undefined
        ? { dataZoom: [slider(range, grids.length, theme)] }
        : {}),
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
        resumedAt(look.resumed ?? [], data, theme, bottom),
        ...(unread === undefined ? [] : [unreadOf(data.steps, unread, theme, bottom)]),
        // Light colours are told from the ground by a dark edge.
        ...courses
          .filter(({ strong, color }) => strong && isFaint(color, theme.name))
          .map(({ points }) => ({
            type: 'line',
            xAxisIndex: 0,
            yAxisIndex: 0,
            data: points,
            silent: true,
            // Below the lines, whatever was drawn before.
            z: 2,
            showSymbol: false,
            lineStyle: { color: theme.ink2, width: 3.25 },
          })),
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
        // Down to shortly above what the bars are called.
        ...endLabels(courses, theme, gap - 6),
        barsOf(data, colorOf, strong),
        ...(changes ? [rateOf(data, theme)] : []),
        names(theme, changes, { barsTop, rateTop }),
      ],
    },
    table: stepTable(data, className),
  };
}
