import type { RecordEvent } from '../../../src-shared/contract/progress';
import { formatCount } from '../../../src-shared/format/numbers';
import { formatDuration } from '../../../src-shared/format/time';
import type { LineMark } from '../../charts/line-marks';

/** A time in which a recording rested. */
export interface Pause {
  /** Steps that were taken before it. */
  readonly step: number;
  /** Null while it lasts. */
  readonly seconds: number | null;
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
    label:
      seconds === null ? `paused at ${formatCount(step)}` : `paused for ${formatDuration(seconds)}`,
  }));
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
