import { beforeAll, expect, it } from 'vitest';
import { startEngine } from '../../../../src-main/engine/backend';
import { type Planted, planted, plantedFinding } from '../../../support/planted';

beforeAll(() => startEngine());

const caseNamed = (name: string): Planted => planted.find((each) => each.name === name) as Planted;

it('calls useless hidden layers separated, and the shallower network is as good', async () => {
  const found = await plantedFinding(caseNamed('clouds, 5 hidden'), 1);
  const flags = found.layers.map(({ flag }) => flag);
  expect(flags.filter((flag) => flag === 'separated').length).toBeGreaterThanOrEqual(3);
  expect(flags.at(-1)).toBeNull();
  expect(found.oneLess).toBe(true);
  expect(await found.without('separated')).toBe(true);
});

it('calls no layer separated of a network that needs its depth', async () => {
  const found = await plantedFinding(caseNamed('parities, 2 hidden'), 1);
  expect(found.accuracy).toBeGreaterThan(0.9);
  expect(found.oneLess).toBe(false);
  expect(found.layers.map(({ flag }) => flag)).not.toContain('separated');
});
