import type { EpochInfluence } from '../../src-shared/explanation/explanation';
import type { TimelineDrawing } from '../../src-shared/explanation/timeline-drawing';
import { formatCount, formatNumber, formatPercent } from '../../src-shared/format/numbers';
import { captions } from '../../src-shared/words';
import type { ChartTable } from './chart-spec';
import type { ChartTheme } from './chart-theme';
import { csvOf } from './csv';

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
  /** Steps before which the recording was interrupted. */
  readonly resumed?: readonly number[];
  /** All steps there are, where those of the drawing are only the ones read so far. */
  readonly unread?: number;
}

/** How much of the signal was there after the first epochs, in words. */
export function reachedWords({ epochs, initialization, unit, whole }: TimelineDrawing): string {
  const [first, then] =
    unit === 'update' ? ['was there at the start', 'after'] : ['is of the start', 'with'];
  const told = epochs.length <= 4 ? epochs : [...epochs.slice(0, 3), ...epochs.slice(-1)];
  const parts = [
    `${formatPercent(initialization, 0)} ${first}`,
    ...told.map(({ epoch, reached }) => `${formatPercent(reached, 0)} ${then} epoch ${epoch}`),
  ];
  return `Of ${wholeWords[whole]}, ${parts.join(', ')}.`;
}

/** What lines and bars are. */
export function timelineCaption({ courses }: TimelineDrawing): string {
  const mixed = courses.every(({ label }) => label < 0);
  return mixed ? captions.update.timelineMixed : captions.update.timeline;
}

/** What a layer's shares are parts of. */
export const wholeWords = { signal: 'the signal', margin: 'score A minus score B' } as const;

/** The steps as a table, as they are drawn. */
export function stepTable(data: TimelineDrawing, className: (label: number) => string): ChartTable {
  const numeric = true;
  return {
    columns: [
      { title: 'Step', numeric },
      { title: 'Epoch', numeric },
      { title: 'Learning rate', numeric },
      { title: 'Class', numeric: false },
      { title: 'γ, share', numeric },
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

/** The same with all digits. */
export function stepCsv(data: TimelineDrawing, className: (label: number) => string): string {
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

/** What is said of a step on pointing at it. */
export function tooltipOf(step: number, data: TimelineDrawing, look: TimelineLook) {
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

/** The same in one line, as it is read out. */
export function spokenRow(step: number, data: TimelineDrawing, look: TimelineLook): string {
  const { title, rows } = tooltipOf(step, data, look);
  return [title, ...rows.map(([name, value]) => `${name}: ${value}`)].join(', ');
}
