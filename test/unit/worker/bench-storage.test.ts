import { expect, test } from 'vitest';
import { benchStorage } from '../../../src-main/worker/bench-storage';

test('γ stays within the bounds that are told on noise, where batch and ghosts nearly cancel', async () => {
  const { signal } = new AbortController();
  const { settings } = await benchStorage({ model: 'lenet', batchSize: 64 }, 4, signal);
  const layers = settings.flatMap((setting) => setting.layers);
  expect(layers.filter(({ errorBound }) => errorBound > 0).length).toBeGreaterThan(2);
  for (const { name, parts, gammaError, errorBound } of layers) {
    expect(gammaError, `${name} as ${parts}`).toBeLessThanOrEqual(Math.max(1e-6, errorBound));
  }
});
