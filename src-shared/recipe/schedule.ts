/** How the learning rate changes: a list of entries, or a cosine over the whole training. */
export type Schedule = readonly ScheduleEntry[] | CosineSchedule;

export type ScheduleEntry = StepEntry | WarmUpEntry;

/** Multiplies the learning rate by `factor` once `afterEpoch` epochs are done. */
export interface StepEntry {
  readonly afterEpoch: number;
  readonly factor: number;
}

/** Over the first n steps the learning rate grows in equal parts: (step + 1) / n of it. */
export interface WarmUpEntry {
  readonly warmUpSteps: number;
}

/**
 * After the warm-up, half a cosine from the whole learning rate down to `minimumFactor` of it
 * (Loshchilov & Hutter, 2017, without restarts).
 */
export interface CosineSchedule {
  readonly kind: 'cosine';
  /** 0: none. */
  readonly warmUpSteps: number;
  readonly minimumFactor: number;
}

/** Values of the fields that a cosine schedule leaves out. */
export const cosineDefaults = { warmUpSteps: 0, minimumFactor: 0 } as const;

/** What of a recipe the learning rate follows from. */
export interface ScheduledRecipe {
  readonly optimizer: { readonly learningRate: number };
  readonly schedule: Schedule;
}

/**
 * The learning rate η_t of step `step` (from 0) of `steps`, in epoch `epoch` (from 0).
 *
 * List: η · Π factor over the entries with afterEpoch ≤ epoch. Cosine, with s = step − w and
 * S = steps − w behind a warm-up of w steps: η · (m + (1 − m) (1 + cos(π s / S)) / 2). While
 * step < w either is multiplied by (step + 1) / w; the cosine is still at its start there.
 */
export function learningRateAt(
  { optimizer, schedule }: ScheduledRecipe,
  epoch: number,
  step: number,
  steps: number,
): number {
  const warmUp = warmUpSteps(schedule);
  let rate = optimizer.learningRate;
  if ('kind' in schedule) {
    const done = Math.max(0, step - warmUp) / Math.max(1, steps - warmUp);
    const least = schedule.minimumFactor;
    rate *= least + ((1 - least) * (1 + Math.cos(Math.PI * done))) / 2;
  } else {
    for (const entry of schedule) {
      if ('afterEpoch' in entry && entry.afterEpoch <= epoch) rate *= entry.factor;
    }
  }
  return step < warmUp ? (rate * (step + 1)) / warmUp : rate;
}

/** Steps until the learning rate is whole; 0 without a warm-up. */
export function warmUpSteps(schedule: Schedule): number {
  if ('kind' in schedule) return schedule.warmUpSteps;
  return schedule.reduce(
    (most, e) => ('warmUpSteps' in e ? Math.max(most, e.warmUpSteps) : most),
    0,
  );
}
