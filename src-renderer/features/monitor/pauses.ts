import type { RecordEvent } from '../../../src-shared/contract/progress';
import { formatCount } from '../../../src-shared/format/numbers';
import { formatDuration } from '../../../src-shared/format/time';
import type { LineMark } from '../../charts/line-marks';

/** A time in which a recording rested. */
export interface Pause {
  /** Steps that were taken before it. */
  readonly step: number;
  /** Null while it lasts; undefined where nobody measured it. */
  readonly seconds: number | null | undefined;
}

/** The pauses that a list of events tells of, in their order. */
export function pausesOf(events: readonly RecordEvent[]): Pause[] {
  const pauses: Pause[] = [];
  let since: RecordEvent | null = null;
  for (const event of events) {
    if (event.state === 'paused') since ??= event;
    else if (event.state === 'training' && since) {
      const seconds = (Date.parse(event.at) - Date.parse(since.at)) / 1000;
      pauses.push({ step: since.step, seconds });
      since = null;
    }
  }
  return since ? [...pauses, { step: since.step, seconds: null }] : pauses;
}

/** Where a pause stands in a curve over steps: between two of them. */
export function pauseMarks(pauses: readonly Pause[]): LineMark[] {
  return pauses.map(({ step, seconds }) => ({
    x: step - 0.5,
    label: wordsOf(step, seconds),
  }));
}

function wordsOf(step: number, seconds: Pause['seconds']): string {
  if (seconds === undefined) return `went on at ${formatCount(step)}`;
  if (seconds === null) return `paused at ${formatCount(step)}`;
  return `paused for ${formatDuration(seconds)}`;
}

/** Pauses in their order: those that were watched, and the interruptions that the run itself knows of. */
export function withInterruptions(
  watched: readonly Pause[],
  resumed: readonly number[],
): readonly Pause[] {
  const unknown = resumed.filter((step) => !watched.some((pause) => pause.step === step));
  return [...watched, ...unknown.map((step) => ({ step, seconds: undefined }))].sort(
    (a, b) => a.step - b.step,
  );
}

/** Points of a line with a gap at each pause. */
export function withGaps(
  points: readonly (readonly [number, number | null])[],
  pauses: readonly Pause[],
): (readonly [number, number | null])[] {
  let next = 0;
  return points.flatMap((point) => {
    const gaps: [number, null][] = [];
    for (let pause = pauses[next]; pause && pause.step <= point[0]; pause = pauses[++next]) {
      gaps.push([pause.step - 0.5, null]);
    }
    return [...gaps, point];
  });
}
