import { expect, it } from 'vitest';
import { withoutOverlap } from '../../../src-renderer/charts/line-marks';
import {
  pauseMarks,
  pausesOf,
  withGaps,
  withInterruptions,
} from '../../../src-renderer/features/monitor/pauses';
import type { RecordEvent } from '../../../src-shared/contract/progress';

const event = (second: number, step: number, state: RecordEvent['state']): RecordEvent => ({
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  step,
  kind: 'state',
  text: '',
  ...(state ? { state } : {}),
});

it('takes pauses from events: one that ended, one that lasts', () => {
  const events = [
    event(0, 0, 'training'),
    event(5, 3, 'paused'),
    event(6, 3, undefined),
    event(25, 3, 'training'),
    event(30, 7, 'paused'),
  ];
  const pauses = pausesOf(events);
  expect(pauses).toEqual([
    { step: 3, seconds: 20 },
    { step: 7, seconds: null },
  ]);
  expect(pauseMarks(pauses).map(({ x, label }) => [x, label])).toEqual([
    [2.5, 'paused for 20 s'],
    [6.5, 'paused at 7'],
  ]);
  const points = [0, 1, 2, 3, 4].map((step) => [step, step / 10] as const);
  expect(withGaps(points, pauses)).toEqual([
    ...points.slice(0, 3),
    [2.5, null],
    ...points.slice(3),
  ]);
});

it('takes interruptions that the run knows of, once each and in order', () => {
  const all = withInterruptions([{ step: 7, seconds: 20 }], [7, 3]);
  expect(pauseMarks(all).map(({ x, label }) => [x, label])).toEqual([
    [2.5, 'went on at 3'],
    [6.5, 'paused for 20 s'],
  ]);
});

it('keeps the later one of two labels that would lie on each other', () => {
  const places = [
    { from: 0, to: 50 },
    { from: 40, to: 90 },
    { from: 80, to: 130 },
    { from: 130, to: 180 },
  ];
  expect(withoutOverlap(places)).toEqual([true, false, true, true]);
});
