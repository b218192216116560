import { describe, expect, it } from 'vitest';
import type { Compute } from '../../../src-main/app/compute-client';
import { eventsBetween } from '../../../src-main/app/recording-events';
import { Recordings } from '../../../src-main/app/recordings';
import type { Progress, RecordProgress } from '../../../src-shared/contract/progress';
import { DeltascopeError } from '../../../src-shared/errors';
import { recipeDefaults } from '../../../src-shared/recipe/recipe';

const progress = (change: Partial<RecordProgress>): RecordProgress => ({
  kind: 'record',
  state: 'training',
  step: 0,
  steps: 100,
  epoch: 1,
  secondsLeft: null,
  bytesWritten: 0,
  bytesExpected: 1000,
  committedSteps: 0,
  metrics: [],
  ...change,
});

/** A worker whose one recording is driven by the test. */
function drivenCompute() {
  let report: (progress: Progress) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const asked: string[] = [];
  const call = (method: string, _params: unknown, options?: { onProgress?: typeof report }) => {
    asked.push(method);
    if (method !== 'record.run') return Promise.resolve(null);
    report = options?.onProgress ?? report;
    return new Promise((_resolve, reject) => {
      fail = reject;
    });
  };
  const compute = { call } as unknown as Compute;
  return { compute, asked, report: (p: Progress) => report(p), fail: (e: Error) => fail(e) };
}

const run = { id: 'a', folder: '/runs/a' };
const recipe = { ...recipeDefaults, data: 'mnist', model: 'lenet' };
const never = new AbortController().signal;

describe('Recordings', () => {
  it('gives a late follower everything it missed', () => {
    const driven = drivenCompute();
    const recordings = new Recordings(driven.compute, () => {});
    recordings.start(run, recipe);
    driven.report(progress({ step: 1, metrics: [{ step: 0, loss: 2, accuracy: 0.1 }] }));
    driven.report(progress({ step: 2, metrics: [{ step: 1, loss: 1, accuracy: 0.4 }] }));
    const seen: Progress[] = [];
    recordings.follow('a', never, (p) => seen.push(p))?.catch(() => {});
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ step: 2, metrics: [{ loss: 2 }, { loss: 1 }] });
    driven.report(progress({ step: 3, metrics: [{ step: 2, loss: 0.5, accuracy: 0.9 }] }));
    expect(seen[1]).toMatchObject({ step: 3, metrics: [{ loss: 0.5 }] });
  });

  it('stops following without stopping the recording', async () => {
    const driven = drivenCompute();
    const recordings = new Recordings(driven.compute, () => {});
    recordings.start(run, recipe);
    const controller = new AbortController();
    const followed = recordings.follow('a', controller.signal, () => {});
    controller.abort();
    await expect(followed).rejects.toMatchObject({ code: 'cancelled' });
    expect(recordings.isActive('a')).toBe(true);
    expect(driven.asked).toEqual(['record.run']);
  });

  it('tells the desktop how far it is, and when it is over', async () => {
    const driven = drivenCompute();
    const states: unknown[] = [];
    const recordings = new Recordings(driven.compute, (state) => states.push(state));
    recordings.start(run, recipe);
    driven.report(progress({ step: 25 }));
    expect(states.at(-1)).toEqual({ count: 1, fraction: 0.25, paused: false });
    driven.report(progress({ step: 25, state: 'paused' }));
    expect(states.at(-1)).toEqual({ count: 1, fraction: 0.25, paused: true });
    driven.fail(new DeltascopeError('disk-full', 'trace', 'The disk is full.'));
    await recordings.settled();
    expect(states.at(-1)).toEqual({ count: 0, fraction: 0, paused: false });
  });

  it('refuses to record into a run twice', () => {
    const recordings = new Recordings(drivenCompute().compute, () => {});
    recordings.start(run, recipe);
    expect(() => recordings.start(run, recipe)).toThrow(/already/);
  });
});

describe('eventsBetween', () => {
  const at = '2026-01-01T00:00:00Z';
  it('notes changes of state and ends of epochs', () => {
    const first = progress({ step: 1 });
    expect(eventsBetween(null, first, at)).toMatchObject([
      { kind: 'state', text: 'Recording started.' },
    ]);
    expect(eventsBetween(first, progress({ step: 5 }), at)).toEqual([]);
    expect(eventsBetween(first, progress({ step: 40, epoch: 2 }), at)).toMatchObject([
      { kind: 'epoch', text: 'Epoch 3 begins at step 40.' },
    ]);
  });

  it('tells a stop in the recording’s own words, as no problem', () => {
    const reason = 'Stopped; everything up to here is saved.';
    const stopped = progress({ step: 40, state: 'paused', reason });
    expect(eventsBetween(progress({}), stopped, at)).toMatchObject([
      { kind: 'state', text: reason },
    ]);
  });
});
