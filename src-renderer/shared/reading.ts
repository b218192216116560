import type { Progress } from '../../src-shared/contract/progress';
import { formatCount } from '../../src-shared/format/numbers';
import { formatDuration } from '../../src-shared/format/time';

/** Who waits longer than this is told how long it will take. */
const longSeconds = 10;
/** Less than this is too little to judge a speed by. */
const judgedSeconds = 2;

/** Part of the trace that is read; null where nothing can be said. */
export function shareRead(progress: Progress | null): number | null {
  if (progress?.kind !== 'explain' && progress?.kind !== 'layers' && progress?.kind !== 'check') {
    return null;
  }
  return progress.steps > 0 ? progress.stepsRead / progress.steps : null;
}

/** How far a question is: `14 200/20 000 steps`, or where layers are read in turns, `21 %`. */
export function readWords(progress: Progress | null): string {
  const share = shareRead(progress);
  if (share === null) return 'asking…';
  if (progress?.kind !== 'explain') return `${Math.floor(100 * share)} %`;
  return `${formatCount(progress.stepsRead)}/${formatCount(progress.steps)} steps`;
}

/**
 * Seconds that are left, where all of it takes long; null where it doesn't, or can't be told yet.
 *
 * @param elapsed seconds so far
 */
export function secondsLeft(share: number | null, elapsed: number): number | null {
  if (share === null || share <= 0 || elapsed < judgedSeconds) return null;
  const whole = elapsed / share;
  return whole > longSeconds ? whole - elapsed : null;
}

export function leftWords(seconds: number | null): string {
  return seconds === null ? '' : `${formatDuration(seconds)} left`;
}
