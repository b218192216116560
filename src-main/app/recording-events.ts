import type { RecordEvent, RecordProgress } from '../../src-shared/contract/progress';
import { formatCount, formatPercent } from '../../src-shared/format/numbers';

/**
 * What an auditor would note down between two progress messages: changes of state and ends of
 * epochs. Pure, so that the list can be checked without a recording.
 */
export function eventsBetween(
  before: RecordProgress | null,
  after: RecordProgress,
  at: string,
): RecordEvent[] {
  const events: RecordEvent[] = [];
  const add = (kind: RecordEvent['kind'], text: string, state?: RecordEvent['state']) =>
    events.push({ at, step: after.step, kind, text, ...(state ? { state } : {}) });
  if (after.state !== before?.state) {
    const text = stateText(before, after);
    if (text) add('state', text, after.state);
  }
  if (before && after.epoch > before.epoch && after.step > 0) {
    const last = after.metrics.at(-1) ?? before.metrics.at(-1);
    const accuracy = last ? `, batch accuracy ${formatPercent(last.accuracy)}` : '';
    add('epoch', `Epoch ${after.epoch + 1} begins at step ${formatCount(after.step)}${accuracy}.`);
  }
  return events;
}

function stateText(before: RecordProgress | null, after: RecordProgress): string | null {
  const step = formatCount(after.step);
  switch (after.state) {
    case 'preparing':
      return 'Preparing data and model.';
    case 'training':
      if (before?.state === 'paused') return `Resumed at step ${step}.`;
      // Steps that were safe before the first one of now belong to an interrupted recording.
      return (before ?? after).committedSteps > 0
        ? `Recording goes on at step ${step}.`
        : 'Recording started.';
    case 'paused':
      return (
        after.reason ??
        `Paused at step ${step}; ${formatCount(after.committedSteps)} steps are safe on disk.`
      );
    case 'evaluating':
      return `All ${step} steps recorded; evaluating on the test examples.`;
    case 'finished':
      return `Finished: ${formatCount(after.committedSteps)} steps are saved.`;
  }
}
