import { expect, it } from 'vitest';
import { usualChoices } from '../../../src-renderer/features/new-recording/choices';
import { savers } from '../../../src-renderer/features/new-recording/savers';

it('offers what applies to the choices, and nothing twice', () => {
  const titles = (change: object) =>
    savers({ ...usualChoices(), ...change }).map(({ title }) => title);
  expect(titles({ codec: 'dense', epochs: 1 })).toEqual(['Fast storage']);
  expect(titles({ codec: 'auto', epochs: 4 })).toEqual(['Compact storage', 'Half the epochs']);
  expect(titles({ codec: 'compact', epochs: 1, perExample: true })).toEqual([
    'Per class, not per example',
  ]);
  // Updates that are stored as they were applied have one precision and no part of an example.
  expect(titles({ optimizer: 'adam', codec: 'auto', perExample: true, epochs: 1 })).toEqual([]);
});

it('offers to leave out the layer that takes most, where that is known', () => {
  const choices = { ...usualChoices(), codec: 'compact', epochs: 1 } as const;
  const layer = (name: string, bytes: number | null) => ({ name, bytes });
  const [saver, ...others] = savers(choices, [
    layer('conv1', 10),
    layer('fc1', 60),
    layer('l', 30),
  ]);
  expect(saver).toMatchObject({ title: 'Without fc1', change: { traced: ['conv1', 'l'] } });
  expect(saver?.effect).toMatch(/^60\s?% of the disk/);
  expect(others).toEqual([]);
  expect(savers(choices, [layer('conv1', 10), layer('fc1', null)])).toEqual([]);
  expect(savers(choices, [layer('fc1', 60)])).toEqual([]);
});
