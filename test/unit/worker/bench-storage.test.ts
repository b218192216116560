import { expect, test } from 'vitest';
import { benchStorage } from '../../../src-main/worker/bench-storage';

test('γ stays within the bounds that are told on noise, where batch and ghosts nearly cancel', {
  timeout: 120_000,
}, async () => {
  const { signal } = new AbortController();
  const { settings } = await benchStorage({ model: 'lenet', batchSize: 48 }, 4, signal);
  const layers = settings.flatMap((setting) => setting.layers);
  expect(layers.filter(({ errorBound }) => errorBound > 0).length).toBeGreaterThan(2);
  for (const { name, parts, gammaError, errorBound } of layers) {
    expect(gammaError, `${name} as ${parts}`).toBeLessThanOrEqual(Math.max(1e-6, errorBound));
  }
});
