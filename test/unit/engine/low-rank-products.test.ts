import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { dequantise } from '../../../src-main/engine/codecs/quantisation';
import { linearMap } from '../../../src-main/engine/explanation/linear-map';
import { LowRankProducts } from '../../../src-main/engine/explanation/low-rank-products';
import type { PartHeader, RecordPart, StoredPart } from '../../../src-main/engine/records';
import { resolveModel } from '../../../src-shared/model/shapes';
import { multipliers } from '../../support/multipliers';
import { readSafetensors, type StoredTensor } from '../../support/safetensors-file';

/** Gradients, their encoding and what it says, made by NumPy: see test/fixtures/low-rank/make.py. */
const fixture = readSafetensors(
  join(import.meta.dirname, '../../fixtures/low-rank/low-rank.safetensors'),
);
const of = (name: string): StoredTensor => fixture.get(name) as StoredTensor;
const [rows, columns, steps, questions] = [41, 64, 6, 3];
/** As make.py cuts them. */
const blocks = { basis: 512, coordinates: 64, ghostCoordinates: 64 } as const;

beforeAll(() => startEngine());

function stored(part: keyof typeof blocks & RecordPart, step: number): StoredPart {
  const { shape, data } = of(`${part}/${step}`);
  const encoded = {
    ...{ codec: 'int16' as const, block: blocks[part] },
    values: Int16Array.from(data),
    scales: Float32Array.from(of(`${part}.scales/${step}`).data),
  };
  return { step, layer: 'fc', part, shape, encoded, data: dequantise(encoded, data.length) };
}

function questionsOf() {
  const [f, z] = [of('f').data, of('z').data];
  return Array.from({ length: questions }, (_, k) => ({
    // The last number is the bias' 1.
    input: {
      values: Float32Array.from(f.slice(k * rows, (k + 1) * rows - 1)),
      shape: [1, rows - 1],
    },
    signal: { direction: Float32Array.from(z.slice(k * columns, (k + 1) * columns)) },
  }));
}

it('says of few directions what NumPy says, in memory and in a file', async () => {
  const model = resolveModel(
    [
      { type: 'Input', name: 'input' },
      { type: 'Dense', name: 'fc', units: columns },
    ],
    [rows - 1],
    columns,
  );
  const map = linearMap(model.nodes[1] as (typeof model.nodes)[number]);
  const asked = questionsOf();
  const before = tf.memory().numTensors;
  const parts = (['basis', 'coordinates', 'ghostCoordinates'] as const).flatMap((part) =>
    Array.from({ length: steps }, (_, step) => stored(part, step)),
  );
  for (const multiply of multipliers) {
    await multiply(parts, async (multiplier, given) => {
      const products = new LowRankProducts(map, asked, multiplier);
      const named = (part: RecordPart) => given.filter((each) => each.part === part);
      await products.takeBases(named('basis'));
      const expectSame = (name: string, k: number, step: number, found: number): void => {
        const all = of(name).data;
        const size = Math.hypot(...all) / Math.sqrt(all.length);
        // The loops in WebAssembly round f and Z to 16 bits.
        expect(Math.abs(found - (all[k * steps + step] as number)), name).toBeLessThan(1e-4 * size);
      };
      let told = 0;
      const take =
        (name: string) =>
        ({ step }: PartHeader, found: readonly number[]) => {
          for (const [k, value] of found.entries()) expectSame(name, k, step, value);
          told += found.length;
        };
      await products.products(named('coordinates'), take('gamma'));
      await products.products(named('ghostCoordinates'), take('ghostGamma'));
      for (let k = 0; k < questions; k++) {
        await products.images(k, named('coordinates'), ({ step }, image) => {
          expectSame('norm', k, step, Math.hypot(...Array.from(image)));
          told += 1;
        });
      }
      expect(told).toBe(3 * questions * steps);
    });
  }
  expect(tf.memory().numTensors).toBe(before);
});
