import type { StepInfluence } from '../../../src-shared/explanation/explanation';

/** Σγ of one class up to each drawn step, as a share of the whole signal. */
export interface ClassCourse {
  readonly label: number;
  readonly points: [number, number][];
}

export interface Timeline {
  readonly courses: readonly ClassCourse[];
  readonly drawn: number;
  readonly steps: number;
}

/**
 * The contributions of the steps so far, by class. Only every n-th step is drawn when there are
 * many; sums lose nothing by that, since every step is in the next point.
 */
export function timelineOf(steps: StepInfluence, whole: number, limit: number): Timeline {
  const count = steps.gamma.length;
  const every = Math.max(1, Math.ceil(count / limit));
  const sums = new Map<number, number>();
  const courses = new Map<number, [number, number][]>();
  for (const label of new Set(steps.label)) courses.set(label, [[0, 0]]);
  let drawn = 0;
  for (let t = 0; t < count; t++) {
    const label = steps.label[t] ?? -1;
    sums.set(label, (sums.get(label) ?? 0) + (steps.gamma[t] ?? 0));
    if ((t + 1) % every !== 0 && t !== count - 1) continue;
    drawn++;
    for (const [of, points] of courses) points.push([t + 1, (sums.get(of) ?? 0) / whole]);
  }
  const ordered = [...courses].sort(([a], [b]) => a - b);
  return { courses: ordered.map(([label, points]) => ({ label, points })), drawn, steps: count };
}
