import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { linearMap } from '../../../src-main/engine/explanation/linear-map';
import { Network } from '../../../src-main/engine/network';
import { Trainer } from '../../../src-main/engine/step';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { sizeOf } from '../../../src-shared/model/resolved';
import { resolveModel } from '../../../src-shared/model/shapes';
import { completeRecipe } from '../../../src-shared/recipe/schema';

/** Three projections of a vector, and its length. */
type Projections = readonly [number, number, number, number];

interface Fixture {
  readonly layers: readonly LayerSpec[];
  readonly shape: readonly number[];
  readonly examples: number;
  readonly classes: number;
  readonly tokens?: number;
  readonly rate: number;
  readonly parameters: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly scale: number }>
  >;
  readonly results: readonly {
    readonly loss: number;
    readonly gradients: Readonly<Record<string, Projections>>;
    readonly rows?: Readonly<Record<string, readonly number[]>>;
  }[];
  readonly final: Readonly<Record<string, Projections>>;
}

/** Of the vector's length: fp32 is off by some 1e-6 of it, more through batch norm of few rows. */
const tolerance = 1e-4;

beforeAll(() => startEngine());

/** Nets of every layer type against independent float64 trainings (test/fixtures/layers/make.py). */
describe.each(['attention', 'recurrent', 'convolutions', 'vgg16', 'resnet18'])('%s', (name) => {
  const path = new URL(`../../fixtures/layers/${name}.json`, import.meta.url);
  const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;
  const { layers, shape, examples, classes, tokens, rate } = fixture;

  it('has the losses, gradients, rows and weights of float64', () => {
    const model = resolveModel(layers, shape, classes);
    const network = new Network(model, 1);
    network.parameters.import(startOf(fixture), name);
    const recipe = completeRecipe({
      ...{ data: 'own.npz', model: { layers }, recording: 'mini-batches', batchSize: examples },
      optimizer: { name: 'sgd', learningRate: rate },
    });
    const trainer = new Trainer(network, recipe);
    const x = values(examples * sizeOf(shape), 0.5).map((v) =>
      tokens ? Math.floor(((v + 1) / 2.0001) * tokens) : v,
    );
    const batch = { values: tf.tensor(x, [examples, ...shape]), graphs: null };
    const labels = Int32Array.from({ length: examples }, (_, i) => i % classes);
    const all = Int32Array.from(labels, (_, i) => i);
    const before = tf.memory().numTensors;
    for (const [step, wanted] of fixture.results.entries()) {
      const place = { step, epoch: 0, label: -1, examples: all, ghosts: new Int32Array() };
      const found = trainer.step(
        { ...place, learningRate: rate },
        { batch, labels, ghosts: null },
        true,
      );
      expect(Math.abs(found.loss - wanted.loss)).toBeLessThan(1e-5 * (1 + wanted.loss));
      for (const { name: layer, rows, columns, bias } of model.traced) {
        const data = (part: string): Float32Array =>
          found.parts.find((each) => each.layer === layer && each.part === part)
            ?.data as Float32Array;
        const gradient = data('gradient');
        const kernel = gradient.subarray(0, (rows - (bias ? 1 : 0)) * columns);
        compare(kernel, wanted.gradients[`${layer}/kernel`], `${layer}/kernel of step ${step}`);
        if (bias) {
          const last = gradient.subarray(kernel.length);
          compare(last, wanted.gradients[`${layer}/bias`], `${layer}/bias of step ${step}`);
        }
        const parts = wanted.rows?.[`${layer}/kernel`];
        if (!parts) continue;
        const node = model.nodes.find(({ spec }) => spec.name === layer) as ResolvedNode;
        // ⟨C, x_iᵀ d_i⟩ of the kernel alone: C is 0 at the bias.
        const query = new Float32Array(rows * columns);
        query.set(values(kernel.length, 1000));
        const factors = { inputs: data('inputs'), deltas: data('deltas'), count: examples };
        const products = linearMap(node).rowProducts(query, factors);
        const length = wanted.gradients[`${layer}/kernel`]?.[3] as number;
        for (const [i, part] of parts.entries()) {
          const difference = Math.abs((products[i] as number) - part);
          expect(difference, `${layer}, example ${i}`).toBeLessThan(
            tolerance * (length + Math.abs(part)),
          );
        }
      }
    }
    expect(tf.memory().numTensors).toBe(before);
    const final = new Map(network.parameters.export().map((each) => [each.name, each.data]));
    expect(Object.keys(fixture.final).length).toBeGreaterThan(0);
    for (const [parameter, wanted] of Object.entries(fixture.final)) {
      compare(final.get(parameter) as Float32Array, wanted, parameter);
    }
    batch.values.dispose();
    trainer.dispose();
  });
});

/** The numbers of `make.py`: no two programs have to agree on a generator. */
function values(count: number, salt: number): Float32Array {
  return Float32Array.from({ length: count }, (_, k) =>
    Math.sin(0.713 * (k % 97) * (k % 89) + 0.37 * k + salt),
  );
}

function startOf({ parameters }: Fixture) {
  return Object.entries(parameters).map(([name, { shape, scale }], place) => ({
    name,
    shape,
    data: values(sizeOf(shape), place + 2).map(
      (v) => Math.fround(scale * v) + (name.endsWith('gamma') ? 1 : 0),
    ),
  }));
}

function compare(found: Float32Array, wanted: Projections | undefined, what: string): void {
  if (!wanted) throw new Error(`no numbers for ${what}`);
  const length = wanted[3];
  for (let s = 0; s < 3; s++) {
    const pattern = values(found.length, 1000 + s);
    const product = found.reduce((sum, v, i) => sum + v * (pattern[i] as number), 0);
    // A gradient that is 0, as that of the bias of keys is, still has rounding.
    expect(Math.abs(product - (wanted[s] as number)), what).toBeLessThan(
      tolerance * (length + 1e-3),
    );
  }
}
