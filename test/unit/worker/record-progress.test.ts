import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordProgressStream } from '../../../src-main/worker/record-progress';
import type { RecordProgress } from '../../../src-shared/contract/progress';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream over a trace that grows by 10 bytes a step; a step takes `milliseconds`. */
function stream(steps: number, startStep = 0) {
  const sent: RecordProgress[] = [];
  const trace = { bytesWritten: 1000, committedSteps: startStep };
  const progress = new RecordProgressStream(steps, trace, 1000, startStep, (each) =>
    sent.push(each),
  );
  const step = (number: number, milliseconds: number, recorded = true): void => {
    vi.advanceTimersByTime(milliseconds);
    if (recorded) trace.bytesWritten += 10;
    progress.onStep({ step: number, epoch: 0, loss: number, accuracy: 0.5, recorded });
  };
  return { sent, progress, step, trace };
}

describe('the progress of a recording', () => {
  it('is told ten times a second and loses no step’s loss', () => {
    const { sent, progress, step } = stream(1000);
    for (let t = 0; t < 1000; t++) step(t, 1);
    progress.tell('finished');
    // One second of steps: the first at once, then every tenth of a second, and the end.
    expect(sent.length).toBeGreaterThanOrEqual(10);
    expect(sent.length).toBeLessThanOrEqual(12);
    const losses = sent.flatMap(({ metrics }) => metrics.map(({ loss }) => loss));
    expect(losses).toEqual(Array.from({ length: 1000 }, (_, t) => t));
    expect(sent.at(-1)).toMatchObject({ state: 'finished', step: 1000, steps: 1000 });
  });

  it('tells slow steps one by one', () => {
    const { sent, step } = stream(5);
    for (let t = 0; t < 5; t++) step(t, 500);
    expect(sent.map((each) => each.step)).toEqual([1, 2, 3, 4, 5]);
    expect(sent.every(({ metrics }) => metrics.length === 1)).toBe(true);
  });

  it('estimates the time left from the last steps, not from a pause', () => {
    const { sent, progress, step } = stream(100);
    for (let t = 0; t < 4; t++) step(t, 200);
    expect(sent.at(-1)?.secondsLeft).toBeNull();
    step(4, 200);
    expect(sent.at(-1)?.secondsLeft).toBeCloseTo(95 * 0.2, 6);
    progress.tell('paused');
    expect(sent.at(-1)?.secondsLeft).toBeNull();
    vi.advanceTimersByTime(3_600_000);
    progress.forgetTimes();
    for (let t = 5; t < 10; t++) step(t, 200);
    expect(sent.at(-1)?.secondsLeft).toBeCloseTo(90 * 0.2, 6);
  });

  it('estimates the same when the clock is set forwards and back', () => {
    const { sent, step } = stream(100);
    for (let t = 0; t < 10; t++) {
      step(t, 200);
      vi.setSystemTime(Date.now() + (t % 2 === 0 ? 1 : -2) * 86_400_000);
    }
    expect(sent).toHaveLength(10);
    expect(sent.at(-1)?.secondsLeft).toBeCloseTo(90 * 0.2, 6);
  });

  it('expects as many bytes for each step to come', () => {
    const { sent, step } = stream(20);
    for (let t = 0; t < 10; t++) step(t, 200);
    expect(sent.at(-1)).toMatchObject({ bytesWritten: 1100, bytesExpected: 1200 });
  });

  it('expects of later epochs what the last steps stored, not what the first ones did', () => {
    const { sent, trace, step } = stream(100);
    for (let t = 0; t < 60; t++) {
      // The first epoch, of 20 steps, stores ten times as much.
      if (t < 20) trace.bytesWritten += 90;
      step(t, 200);
    }
    expect(sent.at(-1)).toMatchObject({ bytesWritten: 3400, bytesExpected: 3400 + 40 * 10 });
  });

  it('counts steps that are repeated after an interruption to no curve', () => {
    const { sent, progress, step } = stream(30, 20);
    for (let t = 15; t < 18; t++) step(t, 200, false);
    progress.tell('paused');
    expect(sent.at(-1)).toMatchObject({ step: 18, bytesExpected: 1000 });
    for (let t = 18; t < 20; t++) step(t, 200, false);
    for (let t = 20; t < 22; t++) step(t, 200);
    expect(sent.flatMap(({ metrics }) => metrics.map((each) => each.step))).toEqual([20, 21]);
    expect(sent.at(-1)).toMatchObject({ step: 22, bytesExpected: 1020 + 8 * 10 });
  });
});
