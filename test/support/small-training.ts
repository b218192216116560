import { predict } from '../../src-main/engine/evaluation';
import {
  type LabelledExamples,
  type SmallData,
  type SmallRun,
  smallRun,
} from '../../src-main/engine/scorecard/small-run';
import type { LayerSpec } from '../../src-shared/model/layer-spec';
import { Random } from '../../src-shared/random';
import type { RecipeInput } from '../../src-shared/recipe/recipe';

/** Examples from a function that draws one: its numbers and its class. */
export function drawn(
  count: number,
  size: number,
  draw: (i: number) => { readonly values: ArrayLike<number>; readonly label: number },
): LabelledExamples {
  const values = new Float32Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const example = draw(i);
    values.set(example.values, i * size);
    labels[i] = example.label;
  }
  return {
    ...{ count, shape: [size], labels },
    gather(indices, into) {
      for (let i = 0; i < indices.length; i++) {
        const from = (indices[i] as number) * size;
        into.set(values.subarray(from, from + size), i * size);
      }
    },
  };
}

/** Four clouds in 16 dimensions, which a single linear layer tells apart. */
export function clouds(seed: number, train = 1200, test = 400): SmallData {
  const size = 16;
  const centreRandom = Random.seeded(seed, 'centres');
  const centres = Array.from({ length: 4 }, () =>
    Float64Array.from({ length: size }, () => centreRandom.normal()),
  );
  const split = (count: number, stream: string) => {
    const random = Random.seeded(seed, stream);
    return drawn(count, size, (i) => ({
      label: i % 4,
      values: (centres[i % 4] as Float64Array).map((x) => x + 0.5 * random.normal()),
    }));
  };
  return { train: split(train, 'train'), test: split(test, 'test'), classes: 4 };
}

/** Two parities of three signs each make four classes: nothing less than two hidden layers of 32. */
export function parities(seed: number, train = 1200, test = 400): SmallData {
  const size = 12;
  const split = (count: number, stream: string) => {
    const random = Random.seeded(seed, stream);
    return drawn(count, size, () => {
      const signs = Int32Array.from({ length: 6 }, () => random.integer(2));
      const odd = (from: number): number =>
        (signs[from] as number) ^ (signs[from + 1] as number) ^ (signs[from + 2] as number);
      const values = Float64Array.from(
        { length: size },
        (_, d) => (d < 6 ? 2 * (signs[d] as number) - 1 : 0) + 0.15 * random.normal(),
      );
      return { values, label: 2 * odd(0) + odd(3) };
    });
  };
  return { train: split(train, 'train'), test: split(test, 'test'), classes: 4 };
}

export interface TrainedRun {
  readonly run: SmallRun;
  /** What the final network says of the test examples. */
  readonly predicted: Int32Array;
  readonly accuracy: number;
}

/** Trains a network on made-up data into a trace in memory; dispose its network. */
export async function trainSmall(
  data: SmallData,
  layers: readonly LayerSpec[],
  more: Partial<RecipeInput>,
): Promise<TrainedRun> {
  const run = await smallRun(data, layers, more, new AbortController().signal);
  const { predicted } = await predict(run.network, data.test, data.test.count);
  const right = predicted.reduce((sum, p, i) => sum + Number(p === data.test.labels[i]), 0);
  return { run, predicted, accuracy: right / data.test.count };
}
