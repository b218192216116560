import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { explain } from '../../../src-main/engine/explanation/explain';
import { recordOracle } from '../../support/recorded-oracle';

beforeAll(() => startEngine());

it.each(['conv-ghost-flow', 'mini-batches'])(
  '%s: many examples in one pass say what each says alone',
  async (name) => {
    const { oracle, run } = await recordOracle(name);
    const references = Array.from({ length: 6 }, (_, i) => ({
      split: i % 2 === 0 ? ('test' as const) : ('train' as const),
      index: i % Math.min(oracle.test.count, oracle.train.count),
    }));
    const asked = {
      layers: null,
      target: { kind: 'representation' },
      unit: 'update',
      exampleSplit: null,
      top: 3,
    } as const;
    const before = tf.memory().numTensors;
    const together = await explain(run, { ...asked, examples: references });
    expect(together).toHaveLength(references.length);
    for (const [k, reference] of references.entries()) {
      const [alone] = await explain(run, { ...asked, examples: [reference] });
      expect(together[k]?.example).toMatchObject(reference);
      for (const [l, layer] of (alone?.layers ?? []).entries()) {
        const same = together[k]?.layers[l];
        const largest = Math.max(...layer.steps.gamma.map(Math.abs));
        for (const [t, gamma] of layer.steps.gamma.entries()) {
          // Other batch sizes sum in another order: fp32 of the forward pass and of the products.
          expect(Math.abs((same?.steps.gamma[t] as number) - gamma)).toBeLessThan(1e-5 * largest);
          expect(same?.steps.cos[t]).toBeCloseTo(layer.steps.cos[t] as number, 4);
        }
        expect(same?.residual).toBeLessThan(1e-5);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  },
);
