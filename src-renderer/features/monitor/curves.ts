import type { MetricPoint } from '../../../src-shared/contract/progress';
import type { RunDetail } from '../../../src-shared/contract/views';
import {
  bytesUpTo,
  formatBytes,
  formatCount,
  formatFixed,
  formatPercent,
} from '../../../src-shared/format/numbers';
import type { ChartSpec } from '../../charts/chart-spec';
import type { ChartTheme } from '../../charts/chart-theme';
import { type LineChartParts, lineChart } from '../../charts/line-chart';
import { type Pause, pauseMarks, withGaps, withInterruptions } from './pauses';

/** Steps of a run with their loss and accuracy. */
export interface Curves {
  readonly step: readonly number[];
  readonly loss: readonly number[];
  readonly accuracy: readonly number[];
  /** Where the recording rested, as far as it was followed. */
  readonly pauses?: readonly Pause[];
}

/** How high a curve is drawn, and what is written under its axis. */
export type CurveLook = Pick<LineChartParts, 'height' | 'xName'>;

/** The curves of a run as it is on disk, with the places where it was interrupted. */
export function recorded({
  metrics,
  resumed,
}: Pick<RunDetail, 'resumed'> & { metrics: Curves }): Curves {
  return { ...metrics, pauses: withInterruptions([], resumed) };
}

/** What was on disk before the recording was followed, and what has come since. */
export function joined(before: Curves, since: readonly MetricPoint[]): Curves {
  const first = since[0]?.step ?? Number.POSITIVE_INFINITY;
  const kept = before.step.filter((step) => step < first).length;
  return {
    step: [...before.step.slice(0, kept), ...since.map(({ step }) => step)],
    loss: [...before.loss.slice(0, kept), ...since.map(({ loss }) => loss)],
    accuracy: [...before.accuracy.slice(0, kept), ...since.map(({ accuracy }) => accuracy)],
  };
}

/** The steps that are left of curves where later ones are lost, with the pauses between them. */
export function upTo(steps: number, { step, loss, accuracy, pauses }: Curves): Curves {
  const kept = step.filter((each) => each < steps).length;
  return {
    step: step.slice(0, kept),
    loss: loss.slice(0, kept),
    accuracy: accuracy.slice(0, kept),
    pauses: pauses?.filter((pause) => pause.step < steps),
  };
}

/** Mean of the last `width` values, so that a batch's chance doesn't hide the course. */
export function runningMean(values: readonly number[], width: number): number[] {
  let sum = 0;
  return values.map((value, at) => {
    sum += value - (at >= width ? (values[at - width] ?? 0) : 0);
    return sum / Math.min(at + 1, width);
  });
}

/** Steps of the running mean. */
export const meanWidth = 25;

/** Points of a line; a null where steps are missing, so that gaps are seen as gaps. */
function pointsOf(steps: readonly number[], values: readonly number[]): [number, number | null][] {
  return steps.map((step, at): [number, number | null] => [step, values[at] ?? null]);
}

function curve(
  kind: 'loss' | 'accuracy',
  curves: Curves,
  steps: number,
  theme: ChartTheme,
  look: CurveLook,
): ChartSpec {
  const raw = curves[kind];
  const pauses = curves.pauses ?? [];
  const last = runningMean(raw, meanWidth).at(-1);
  const format =
    kind === 'loss' ? (v: number) => formatFixed(v, 2) : (v: number) => formatPercent(v, 0);
  const title = kind === 'loss' ? 'Loss' : 'Accuracy';
  return lineChart(
    {
      title,
      description: `${title} of each step’s batch over ${formatCount(raw.length)} steps.${last === undefined ? '' : ` Last: ${format(last)}.`}`,
      ...look,
      unit: kind === 'loss' ? 'mean cross-entropy of a step’s batch' : 'part of a step’s batch',
      xMax: steps > 0 ? steps : undefined,
      yMin: 0,
      yMax: kind === 'accuracy' ? 1 : undefined,
      yInterval: kind === 'accuracy' ? 0.25 : undefined,
      yFormat: format,
      xTitle: (value) => `Step ${formatCount(value)}`,
      marks: pauseMarks(pauses),
      series: [
        {
          name: `${title} of the batch`,
          points: withGaps(pointsOf(curves.step, raw), pauses),
          color: theme.axis,
          width: 1,
          opacity: 0.45,
        },
        {
          name: `Mean of ${meanWidth} steps`,
          points: withGaps(pointsOf(curves.step, runningMean(raw, meanWidth)), pauses),
          color: theme.accent,
          width: 1.75,
        },
      ],
    },
    theme,
  );
}

/** The loss of each step's batch. */
export function lossCurve(curves: Curves, steps: number, theme: ChartTheme, look: CurveLook) {
  return curve('loss', curves, steps, theme, look);
}

/** The accuracy on each step's batch, ghosts left out. */
export function accuracyCurve(curves: Curves, steps: number, theme: ChartTheme, look: CurveLook) {
  return curve('accuracy', curves, steps, theme, look);
}

/** Disk used by the trace: as far as it is written, and to where it will grow. */
export function diskCurve(
  disk: { step: number; steps: number; bytes: number; expected: number },
  theme: ChartTheme,
  height: number,
): ChartSpec {
  const { step, steps, bytes, expected } = disk;
  const series = [
    {
      name: 'Written',
      points: [
        [0, 0],
        [step, bytes],
      ] as [number, number][],
      color: theme.accent,
      width: 2,
    },
  ];
  const projected = {
    name: 'Projected',
    points: [
      [step, bytes],
      [steps, expected],
    ] as [number, number][],
    color: theme.axis,
    width: 1.5,
    dashed: true,
  };
  return lineChart(
    {
      title: 'Disk',
      description: `${formatBytes(bytes)} of the trace are written; ${formatBytes(expected)} are expected at the end.`,
      height,
      unit: 'bytes',
      xName: 'step',
      xMax: steps > 0 ? steps : undefined,
      yMin: 0,
      yFormat: bytesUpTo(Math.max(bytes, expected)),
      xTitle: (value) => `Step ${formatCount(value)}`,
      series: step < steps ? [...series, projected] : series,
    },
    theme,
  );
}
