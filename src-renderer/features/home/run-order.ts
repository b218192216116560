import type { ListedRun } from '../../../src-shared/contract/app/runs';
import { runState } from './run-state';

/** What the table of runs can be ordered by. */
export const orderedBy = [
  'name',
  'data',
  'model',
  'steps',
  'bytes',
  'accuracy',
  'state',
  'opened',
] as const;

export type RunColumn = (typeof orderedBy)[number];

export interface RunOrder {
  readonly column: RunColumn;
  readonly descending: boolean;
}

/** As they come to mind: what was opened last is first. */
export const usualOrder: RunOrder = { column: 'opened', descending: true };

type Key = (run: ListedRun, foundDamaged: boolean) => string | number;

const keys: Readonly<Record<RunColumn, Key>> = {
  name: ({ name }) => name,
  data: ({ data }) => data,
  model: ({ model }) => model,
  steps: ({ steps }) => steps,
  bytes: ({ bytes }) => bytes,
  accuracy: ({ testAccuracy }) => testAccuracy ?? -1,
  state: (run, foundDamaged) => runState(run, foundDamaged).text,
  opened: ({ openedAt }) => openedAt,
};

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The runs in an order; equal ones stay as they were. Some were found damaged by verifying. */
export function ordered(
  runs: readonly ListedRun[],
  { column, descending }: RunOrder,
  isDamaged: (run: string) => boolean,
): ListedRun[] {
  const key = keys[column];
  const sign = descending ? -1 : 1;
  return [...runs].sort((a, b) => {
    const [x, y] = [key(a, isDamaged(a.id)), key(b, isDamaged(b.id))];
    return (
      sign *
      (typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(`${x}`, `${y}`))
    );
  });
}

/** The runs whose name, data, model and note have every word of a search. */
export function searched(runs: readonly ListedRun[], search: string): readonly ListedRun[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return runs;
  return runs.filter(({ name, data, model, note }) => {
    const text = `${name} ${data} ${model} ${note}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
