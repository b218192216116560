import type { RecordProgress } from '../../../src-shared/contract/progress';
import type { RunSummary } from '../../../src-shared/contract/views';
import { formatCount } from '../../../src-shared/format/numbers';

export interface MonitorState {
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'accent' | 'warn' | 'bad';
  /** A recording that can be paused and stopped. */
  readonly live: boolean;
  readonly paused: boolean;
  readonly training: boolean;
}

const words = {
  preparing: ['warming up', 'accent'],
  training: ['recording', 'accent'],
  paused: ['paused', 'warn'],
  evaluating: ['evaluating', 'accent'],
  finished: ['finished', 'good'],
} as const;

/**
 * What the monitor says of a run: from its recording while there is one, else from its folder, of which
 * verifying may have found more than opening it did.
 */
export function monitorState(
  run: RunSummary | null,
  progress: RecordProgress | null,
  foundDamaged: boolean,
): MonitorState {
  if (progress && run?.recordingNow !== false && progress.state !== 'finished') {
    const [text, tone] = words[progress.state];
    const { state } = progress;
    return { text, tone, live: true, paused: state === 'paused', training: state === 'training' };
  }
  const still = { live: false, paused: false, training: false };
  if (!run) return { text: 'opening', tone: 'plain', ...still };
  if (run.recordingNow) {
    const [text, tone] = words[run.steps === 0 ? 'preparing' : 'training'];
    return { text, tone, ...still };
  }
  if (foundDamaged || run.state === 'damaged') return { text: 'damaged', tone: 'bad', ...still };
  if (run.state === 'finished') return { text: 'finished', tone: 'good', ...still };
  return { text: `interrupted at step ${formatCount(run.steps)}`, tone: 'warn', ...still };
}
