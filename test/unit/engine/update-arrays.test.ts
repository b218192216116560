import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nativeBackend, startEngine } from '../../../src-main/engine/backend';
import {
  coefficientsAt,
  descendInPlace,
  updateParameter,
} from '../../../src-main/engine/optimizer';
import { type ArrayState, arrayUpdater } from '../../../src-main/engine/update-arrays';
import { Random } from '../../../src-shared/random';
import type { SgdSpec as OptimizerSpec } from '../../../src-shared/recipe/optimizer-spec';
import { recipeDefaults } from '../../../src-shared/recipe/recipe';
import { plainScope } from './layer-harness';

beforeAll(() => startEngine());

const size = 2000;
const momentum = { momentum: 0.9 };
const decay = { weightDecay: 0.013 };
const forms: [string, Partial<OptimizerSpec>][] = [
  ['plain', {}],
  ['heavy ball', momentum],
  ['dampening', { ...momentum, dampening: 0.3 }],
  ['Nesterov', { ...momentum, nesterov: true }],
  ['decay', decay],
  ['decoupled decay', { ...decay, decoupled: true }],
  ['heavy ball, decay', { ...momentum, ...decay }],
  ['heavy ball, dampening, decay', { ...momentum, ...decay, dampening: 0.7 }],
  ['heavy ball, decoupled decay', { ...momentum, ...decay, decoupled: true }],
  ['Nesterov, decay', { ...momentum, ...decay, nesterov: true }],
  ['Nesterov, decoupled decay', { ...momentum, ...decay, nesterov: true, decoupled: true }],
];

/** Numbers of very different size, as gradients have. */
function numbers(random: Random): Float32Array {
  return Float32Array.from({ length: size }, () => random.normal() * 10 ** random.integer(5));
}

const bits = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

describe('the optimizer on arrays', () => {
  it.each(forms)('%s: has the tensor runtime’s bits at every step', (_, form) => {
    const optimizer = { ...recipeDefaults.optimizer, ...form };
    const random = Random.seeded(1, 'optimizer');
    const update = arrayUpdater(optimizer);
    let state: ArrayState = { weights: numbers(random), velocity: null };
    let weights: Float32Array = state.weights.slice();
    let velocity: Float32Array | null = null;
    for (let step = 0; step < 6; step++) {
      const learningRate = 0.037 / (step + 1);
      const gradient = numbers(random);
      const before = state.weights;
      const next = update(state, gradient, { step, learningRate });
      [weights, velocity] = plainScope((): [Float32Array, Float32Array | null] => {
        const updated = updateParameter(
          tf.tensor1d(weights),
          velocity && tf.tensor1d(velocity),
          tf.tensor1d(gradient),
          coefficientsAt(optimizer, step, learningRate),
        );
        return [
          updated.weights.dataSync<'float32'>().slice(),
          updated.velocity?.dataSync<'float32'>().slice() ?? null,
        ];
      });
      expect(bits(next.weights)).toEqual(bits(weights));
      expect(next.velocity && bits(next.velocity)).toEqual(velocity && bits(velocity));
      expect(bits(next.update)).toEqual(
        bits(Float32Array.from(next.weights, (w, i) => w - (before[i] as number))),
      );
      state = next;
    }
  });
});

describe('the optimizer where the weights lie', () => {
  it.each(forms)('%s: has the same bits as on arrays, over two steps', (_, form) => {
    const optimizer = { ...recipeDefaults.optimizer, ...form };
    const random = Random.seeded(2, 'optimizer');
    const update = arrayUpdater(optimizer);
    const first = update({ weights: numbers(random), velocity: null }, numbers(random), {
      step: 0,
      learningRate: 0.037,
    });
    const gradient = numbers(random);
    const at = { step: 1, learningRate: 0.02 };
    const wanted = update(first, gradient, at);
    plainScope(() => {
      const weights = tf.tensor1d(first.weights.slice());
      const velocity = first.velocity && tf.tensor1d(first.velocity.slice());
      const done = descendInPlace(
        [{ weights, velocity, gradient: tf.tensor1d(gradient.slice()) }],
        coefficientsAt(optimizer, at.step, at.learningRate),
      );
      expect(done).toBe(nativeBackend()?.binding.descend !== undefined);
      if (!done) return [];
      expect(bits(weights.dataSync<'float32'>())).toEqual(bits(wanted.weights));
      const moved = velocity?.dataSync<'float32'>() ?? null;
      expect(moved && bits(moved)).toEqual(wanted.velocity && bits(wanted.velocity));
      return [];
    });
  });

  it('moves several parameters in several threads', ({ skip }) => {
    if (!nativeBackend()?.binding.descend) return skip();
    const all = [3 * 2 ** 19 + 5, 7, 2 ** 16].map((count) => ({
      weights: tf.tensor1d(Float32Array.from({ length: count }, (_, i) => i)),
      gradient: tf.tensor1d(Float32Array.from({ length: count }, (_, i) => 2 * i)),
      velocity: null,
    }));
    descendInPlace(all, coefficientsAt(recipeDefaults.optimizer as OptimizerSpec, 0, 0.5));
    for (const { weights, gradient } of all) {
      expect(weights.dataSync().every((value) => value === 0)).toBe(true);
      tf.dispose([weights, gradient]);
    }
  });

  it('refuses tensors of different sizes', ({ skip }) => {
    const native = nativeBackend();
    const descend = native?.binding.descend;
    if (!native || !descend) return skip();
    const tensors = [tf.ones([3]), tf.ones([4])];
    const ids = native.getInputTensorIds(tensors);
    expect(() => descend(ids, new Float32Array(7))).toThrow(/fit/);
    expect(() => descend([...ids, -5], new Float32Array(7))).toThrow(/there/);
    expect(() => descend(ids, new Float32Array(6))).toThrow(/coefficients/);
    tf.dispose(tensors);
  });
});
