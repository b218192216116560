import { beforeAll, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { explain } from '../../../src-main/engine/explanation/explain';
import type { Explanation } from '../../../src-shared/explanation/explanation';
import { recordOracle } from '../../support/recorded-oracle';

beforeAll(() => startEngine());

it('tells on the way what the steps read so far say', async () => {
  const { run, trace } = await recordOracle('dense-ghost-momentum-decay');
  const partials: Explanation[] = [];
  const [whole] = await explain(run, {
    examples: [{ split: 'test', index: 0 }],
    layers: null,
    target: { kind: 'representation' },
    unit: 'credit',
    exampleSplit: null,
    top: 5,
    onProgress: (_read, _steps, sofar) =>
      partials.push(...sofar().map(({ explanation }) => explanation)),
  });
  expect(partials.length).toBe(trace.steps.count);
  for (const [count, partial] of partials.entries()) {
    for (const [l, layer] of partial.layers.entries()) {
      const gamma = whole?.layers[l]?.steps.gamma.slice(0, count);
      expect(layer.steps.gamma).toEqual(gamma);
      expect(layer.steps.cos).toEqual(whole?.layers[l]?.steps.cos.slice(0, count));
      expect(layer.residual).toBeNaN();
      const classes = layer.classes.reduce((sum, { share }) => sum + share, 0);
      const sum = Array.from(gamma ?? []).reduce((a, b) => a + b, 0) / layer.normSquared;
      expect(classes + layer.ghostShare).toBeCloseTo(sum, 9);
    }
  }
  expect(whole?.layers.every(({ residual }) => residual < 1e-5)).toBe(true);
});
