import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { credit } from '../../../src-main/engine/explanation/credit';
import { explain } from '../../../src-main/engine/explanation/explain';
import type { ExplainableRun } from '../../../src-main/engine/explanation/explainable-run';
import { MemoryTrace } from '../../../src-main/engine/memory-trace';
import { Network } from '../../../src-main/engine/network';
import { storedCoefficients } from '../../../src-main/engine/optimizer';
import { orderedSampler } from '../../../src-main/engine/sampler';
import { Trainer } from '../../../src-main/engine/step';
import { train } from '../../../src-main/engine/training';
import { parseTarget } from '../../../src-shared/explanation/explanation';
import { storesUpdates } from '../../../src-shared/recipe/optimizer-spec';
import type { OracleCase } from '../../support/oracle';
import { recordOracle } from '../../support/recorded-oracle';

/**
 * The engine against an independent float64 training and brute-force explanation. Tolerances are
 * four times what the oracle's own fp32 training was off by (see its README).
 */
const tolerance = {
  loss: 1e-5,
  gradients: 8e-5,
  weights: 8e-6,
  gamma: 2.4e-5,
  cos: 1.2e-4,
  share: 8e-5,
};

/** Trains and explains each case on the engine that has been started, against the oracle's numbers. */
export function describeOracleCases(names: readonly string[]): void {
  describe.each(names)('%s', (name) => {
    let oracle: OracleCase;
    let trace: MemoryTrace;
    let run: ExplainableRun;

    beforeAll(async () => {
      ({ oracle, trace, run } = await recordOracle(name));
    });

    it('has the losses', () => {
      for (const [t, { loss }] of oracle.order.entries()) {
        expect(Math.abs((trace.steps.loss[t] as number) - loss)).toBeLessThan(
          tolerance.loss * (1 + loss),
        );
      }
    });

    it('records the gradients, or the updates where those are what is stored', () => {
      const stored = storesUpdates(oracle.recipe.optimizer) ? 'update' : 'gradient';
      const expected = oracle.tensors(`${stored}s.safetensors`);
      expect(trace.parts).toContain(stored);
      expect(expected.size).toBe(trace.records.length * trace.layers.length);
      for (const { step, parts } of trace.records) {
        for (const { layer, part, data } of parts) {
          if (part !== stored) continue;
          const wanted = expected.get(`${layer}/${step}`) as Float64Array;
          expect(largestDifference(data, wanted)).toBeLessThan(
            tolerance.gradients * largest(wanted),
          );
        }
      }
    });

    it('ends with the weights', async () => {
      const expected = oracle.tensors('final.safetensors');
      const found = new Map((await trace.weights('final')).map(({ name, data }) => [name, data]));
      expect(expected.size).toBeGreaterThan(0);
      for (const [parameter, wanted] of expected) {
        const data = found.get(parameter) as Float32Array;
        expect(largestDifference(data, wanted)).toBeLessThan(
          tolerance.weights * (1 + largest(wanted)),
        );
      }
    });

    it('credits each gradient with what is left of it', () => {
      const { optimizer } = oracle.recipe;
      if (optimizer.name !== 'sgd') {
        // Each stored update counts whole, and nothing is taken from the start.
        const whole = credit(storedCoefficients(optimizer, [0.1, 0.2]));
        expect(whole).toEqual({ initialization: 1, gradients: Float64Array.of(-1, -1) });
        return;
      }
      const expected = oracle.json<{ p0: number; c: number[] }>('credit.json');
      const rates = Array.from(trace.steps.learningRate);
      const found = credit(storedCoefficients(optimizer, rates));
      expect(found.initialization).toBeCloseTo(expected.p0, 12);
      for (const [t, wanted] of expected.c.entries())
        expect(found.gradients[t]).toBeCloseTo(wanted, 12);
    });

    it.each([
      ['representation', 'update'],
      ['representation', 'credit'],
      ['learned', 'update'],
      ['learned', 'credit'],
      ['margin', 'update'],
      ['margin', 'credit'],
    ])('explains %s by %s', async (target, unit) => {
      let expected: ReturnType<OracleCase['explanations']>;
      try {
        expected = oracle.explanations(target, unit);
      } catch {
        expected = oracle.explanations(target, 'update');
      }
      for (const wanted of expected) {
        const [found] = await explain(run, {
          examples: [wanted.example],
          layers: null,
          target: parseTarget(wanted.layers[0]?.target ?? '') ?? { kind: 'learned' },
          unit: unit as 'update' | 'credit',
          exampleSplit: null,
          top: 10_000,
        });
        expect(found?.example.predicted).toBe(wanted.example.predicted);
        expect(found?.layers.map((layer) => layer.name)).toEqual(
          wanted.layers.map((layer) => layer.name),
        );
        for (const [l, layer] of wanted.layers.entries()) {
          const ours = found?.layers[l];
          if (!ours) throw new Error('layer missing');
          const gamma = Float64Array.from(layer.steps.gamma);
          const total = layer.total ?? layer.normSquared;
          const sum = gamma.reduce((a, b) => a + Math.abs(b), 0);
          const share = tolerance.share * Math.max(1, sum / Math.abs(total));
          expect(largestDifference(ours.steps.gamma, gamma)).toBeLessThan(
            tolerance.gamma * largest(gamma),
          );
          expect(largestDifference(ours.steps.cos, layer.steps.cos)).toBeLessThan(tolerance.cos);
          const norm = Float64Array.from(layer.steps.norm);
          expect(largestDifference(ours.steps.norm, norm)).toBeLessThan(
            tolerance.gradients * largest(norm),
          );
          expect(Array.from(ours.steps.label)).toEqual(layer.steps.label);
          expect(Math.abs(ours.initializationShare - layer.initializationShare)).toBeLessThan(
            share,
          );
          expect(Math.abs(ours.ghostShare - layer.ghostShare)).toBeLessThan(share);
          expect(ours.residual).toBeLessThan(1e-5);
          expect(ours.exampleSplit).toBe(layer.exampleSplit);
          expect(ours.classes.map(({ label, steps }) => [label, steps])).toEqual(
            layer.classes.map(({ label, steps }) => [label, steps]),
          );
          for (const [c, { share: wantedShare }] of layer.classes.entries()) {
            expect(Math.abs((ours.classes[c]?.share ?? Number.NaN) - wantedShare)).toBeLessThan(
              share,
            );
          }
          const byIndex = new Map(ours.examples.map((example) => [example.index, example]));
          expect(byIndex.size).toBe(layer.examples.length);
          for (const { index, label, gamma: part } of layer.examples) {
            expect(byIndex.get(index)?.label).toBe(label);
            const difference = Math.abs((byIndex.get(index)?.gamma ?? Number.NaN) - part);
            expect(difference).toBeLessThan(share * Math.abs(total));
          }
          const all =
            ours.initializationShare +
            ours.ghostShare +
            ours.classes.reduce((a, { share: part }) => a + part, 0);
          expect(Math.abs(all - 1)).toBeLessThan(share);
        }
      }
    });

    it('keeps no tensor between steps', async () => {
      const trainer = new Trainer(new Network(oracle.model, 1), oracle.recipe);
      const counts: number[] = [];
      await train({
        trainer,
        sampler: orderedSampler(oracle.order),
        examples: oracle.train,
        sink: new MemoryTrace(oracle.model.traced, []),
        committedSteps: 0,
        signal: new AbortController().signal,
        paused: () => false,
        admission: async () => undefined,
        onStep: () => counts.push(tf.memory().numTensors),
      });
      expect(new Set(counts).size).toBe(1);
      trainer.dispose();
    });
  });
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((max, value) => Math.max(max, Math.abs(value)), 1e-12);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce(
    (max, value, i) => Math.max(max, Math.abs(value - (b[i] as number))),
    0,
  );
}
