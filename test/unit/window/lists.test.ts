import { describe, expect, it } from 'vitest';
import { ordered, searched } from '../../../src-renderer/features/home/run-order';
import { found, type PaletteItem } from '../../../src-renderer/shell/found';
import type { ListedRun } from '../../../src-shared/contract/app/runs';

const run = (name: string, change: Partial<ListedRun> = {}): ListedRun => ({
  id: name,
  name,
  data: 'mnist',
  model: 'lenet',
  recording: 'class-batches',
  state: 'finished',
  steps: 1,
  stepsPlanned: 1,
  bytes: 1,
  testAccuracy: null,
  createdAt: '',
  recordingNow: false,
  mode: 'examples',
  openedAt: '2026-01-01T00:00:00.000Z',
  locked: false,
  note: '',
  ...change,
});

describe('the order of runs', () => {
  it('counts in names, and puts what has no accuracy last', () => {
    const runs = [run('audit 10', { testAccuracy: 0.5 }), run('audit 9'), run('Audit 2')];
    const names = (column: 'name' | 'accuracy', descending: boolean) =>
      ordered(runs, { column, descending }, () => false).map(({ name }) => name);
    expect(names('name', false)).toEqual(['Audit 2', 'audit 9', 'audit 10']);
    expect(names('accuracy', true)).toEqual(['audit 10', 'audit 9', 'Audit 2']);
  });

  it('goes by the state that is shown, so that what verifying found is there', () => {
    const runs = [run('whole'), run('broken'), run('half', { state: 'unfinished' })];
    const byState = ordered(
      runs,
      { column: 'state', descending: false },
      (id) => id === 'broken',
    ).map(({ name }) => name);
    expect(byState).toEqual(['broken', 'whole', 'half']);
  });

  it('finds runs by every word', () => {
    const runs = [run('a', { model: 'mlp' }), run('b', { data: 'pets' })];
    expect(searched(runs, 'mnist MLP').map(({ name }) => name)).toEqual(['a']);
    expect(searched([run('c', { note: 'Asked by Ada' })], 'ada')).toHaveLength(1);
    expect(searched(runs, ' ')).toHaveLength(2);
  });
});

describe('the palette', () => {
  const item = (title: string): PaletteItem => ({
    ...{ id: title, title, note: '' },
    ...{ command: null, run: null },
  });
  const items = ['Stop and keep', 'Full screen', 'Verify', 'small-lenet'].map(item);
  const titles = (search: string) => found(items, search).map(({ title }) => title);

  it('finds by the beginnings of words, else by letters in their order', () => {
    expect(titles('keep st')).toEqual(['Stop and keep']);
    expect(titles('lenet')).toEqual(['small-lenet']);
    expect(titles('vrf')).toEqual(['Verify']);
    expect(titles('zzz')).toEqual([]);
    expect(titles('s')[0]).toBe('Stop and keep');
  });
});
