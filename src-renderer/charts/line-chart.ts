import { formatCount, formatNumber } from '../../src-shared/format/numbers';
import type { ChartSpec } from './chart-spec';
import type { ChartTheme } from './chart-theme';
import { csvOf } from './csv';
import { endLabels } from './end-labels';
import { type LineMark, lineMarks, markRoom } from './line-marks';
import { tooltipElement, tooltipOption } from './tooltip';

export interface LineSeries {
  readonly name: string;
  /** [x, y] in x's order; a null y is a gap. */
  readonly points: readonly (readonly [number, number | null])[];
  readonly color: string;
  readonly width?: number;
  readonly opacity?: number;
  readonly dashed?: boolean;
  /** Written at the line's end. */
  readonly endLabel?: string;
  /** Its label stands out. */
  readonly strong?: boolean;
  /** Left out of the tooltip: raw points behind a mean. */
  readonly quiet?: boolean;
}

export interface LineChartParts {
  readonly title: string;
  readonly description: string;
  readonly height: number;
  /** What y is measured in. */
  readonly unit: string;
  readonly series: readonly LineSeries[];
  readonly xName?: string;
  readonly xMax?: number;
  readonly yMin?: number;
  readonly yMax?: number;
  readonly yInterval?: number;
  readonly yFormat: (value: number) => string;
  readonly xTitle: (value: number) => string;
  readonly right?: number;
  readonly marks?: readonly LineMark[];
}

/** Lines over steps: loss, accuracy, disk, influence. */
export function lineChart(parts: LineChartParts, theme: ChartTheme): ChartSpec {
  const spoken = parts.series.filter(({ quiet }) => !quiet);
  const axis = {
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line } },
    nameTextStyle: { color: theme.ink3, fontSize: 11 },
  };
  return {
    title: parts.title,
    description: parts.description,
    height: parts.height,
    unit: parts.unit,
    points: spoken[0]?.points.length ?? 0,
    marks: parts.series.reduce((sum, { points }) => sum + points.length, 0),
    csv: () => csvOf(['series', 'x', 'y'], allPoints(parts.series)),
    spoken: (point) => {
      const at = spoken[0]?.points[point]?.[0];
      if (at === undefined) return '';
      const values = spoken.map(({ name, points }) => {
        const y = points[point]?.[1];
        return `${name}: ${y === null || y === undefined ? '–' : parts.yFormat(y)}`;
      });
      return [parts.xTitle(at), ...values].join(', ');
    },
    option: {
      textStyle: { fontFamily: theme.fontFamily },
      grid: {
        left: 46,
        right: parts.right ?? 16,
        top: parts.marks?.length ? 10 + markRoom : 10,
        bottom: parts.xName ? 38 : 24,
      },
      xAxis: {
        type: 'value',
        ...axis,
        splitLine: { show: false },
        axisLine: { show: true, lineStyle: { color: theme.axis } },
        name: parts.xName,
        nameLocation: 'middle',
        nameGap: 22,
        min: 0,
        max: parts.xMax,
        // Steps and epochs are whole.
        minInterval: 1,
        axisLabel: { color: theme.ink3, fontSize: 11, hideOverlap: true, formatter: formatCount },
      },
      yAxis: {
        type: 'value',
        ...axis,
        min: parts.yMin,
        max: parts.yMax,
        interval: parts.yInterval,
        splitNumber: 3,
        axisLabel: { color: theme.ink3, fontSize: 11, hideOverlap: true, formatter: parts.yFormat },
      },
      tooltip: tooltipOption(theme, {
        trigger: 'axis',
        axisPointer: { type: 'line', lineStyle: { color: theme.axis, width: 1 } },
        formatter: (items: readonly AxisItem[]) => axisTooltip(items, parts, spoken),
      }),
      series: [
        ...parts.series.map((line) => ({
          type: 'line',
          name: line.name,
          data: line.points,
          showSymbol: false,
          silent: line.quiet,
          sampling: 'minmax',
          lineStyle: {
            color: line.color,
            width: line.width ?? 1.5,
            opacity: line.opacity ?? 1,
            type: line.dashed ? [4, 4] : 'solid',
          },
          itemStyle: { color: line.color },
        })),
        ...endLabels(parts.series, theme),
        ...(parts.marks?.length ? [lineMarks(parts.marks, theme)] : []),
      ],
    },
    table: {
      columns: [
        { title: parts.xName ?? 'Step', numeric: true },
        ...spoken.map(({ name }) => ({ title: name, numeric: true })),
      ],
      rows: tableRows(spoken),
    },
  };
}

/** Every point of every line. */
function allPoints(series: readonly LineSeries[]): (string | number | null)[][] {
  return series.flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y]));
}

interface AxisItem {
  readonly seriesName: string;
  readonly value: readonly [number, number | null];
}

function axisTooltip(
  items: readonly AxisItem[],
  parts: LineChartParts,
  spoken: readonly LineSeries[],
): HTMLElement | string {
  const first = items[0];
  if (!first) return '';
  const rows = items
    .filter(({ seriesName }) => spoken.some(({ name }) => name === seriesName))
    .map(({ seriesName, value }): [string, string] => [
      seriesName,
      value[1] === null ? '–' : parts.yFormat(value[1]),
    ]);
  return tooltipElement({ title: parts.xTitle(first.value[0]), rows });
}

const tableLimit = 200;

/** At most `tableLimit` rows, evenly chosen, the last one always among them. */
function tableRows(series: readonly LineSeries[]): (string | number)[][] {
  const points = series[0]?.points ?? [];
  const every = Math.max(1, Math.ceil(points.length / tableLimit));
  return points.flatMap(([x], at) => {
    if (at % every !== 0 && at !== points.length - 1) return [];
    const values = series.map((line) => {
      const y = line.points[at]?.[1];
      return y === null || y === undefined ? '' : formatNumber(y);
    });
    return [[formatCount(x), ...values]];
  });
}
