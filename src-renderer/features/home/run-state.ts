import type { ListedRun } from '../../../src-shared/contract/app/runs';
import { formatCount } from '../../../src-shared/format/numbers';

/** What makes a folder look gone: another place may have it. */
const gone = new Set<string>(['run-missing', 'run-not-a-run', 'no-permission']);

/** Whether a run's folder is not where it was. */
export function isAway({ problem }: ListedRun): boolean {
  return problem !== undefined && gone.has(problem.code);
}

/** What the list says of a run: from its folder, of which verifying may have found more than opening it did. */
export function runState(
  run: ListedRun,
  foundDamaged: boolean,
): { readonly text: string; readonly tone: 'good' | 'accent' | 'warn' | 'bad' } {
  if (run.problem) return { text: isAway(run) ? 'not reachable' : 'damaged', tone: 'bad' };
  if (run.recordingNow) return { text: 'recording', tone: 'accent' };
  if (foundDamaged || run.state === 'damaged') return { text: 'damaged', tone: 'bad' };
  if (run.state === 'finished') return { text: 'finished', tone: 'good' };
  return { text: `interrupted at step ${formatCount(run.steps)}`, tone: 'warn' };
}
