import * as tf from '@tensorflow/tfjs';
import { disposeRows, rowsOf } from '../examples';
import type { Network } from '../network';
import { inScope } from '../scope';
import { breathe, type LabelledExamples } from './small-run';

/** What the gradient of one example's loss is made of in each traced layer: x_i and d_i. */
interface Factors {
  readonly inputs: Float32Array;
  readonly deltas: Float32Array;
  readonly rows: number;
}

/**
 * ⟨∇ℓ(train_i), ∇ℓ(test_j)⟩ over the dense layers of a network without batch normalisation, at its
 * present weights: Σ_l (⟨x_i, x_j⟩ + 1) ⟨d_i, d_j⟩, the 1 where the layer has a bias. Summed over
 * checkpoints, each times its learning rate, it is TracIn (Pruthi et al. 2020).
 *
 * @returns one array a test example, one number a training example
 */
export async function gradientProducts(
  network: Network,
  train: LabelledExamples,
  test: LabelledExamples,
  signal: AbortSignal,
): Promise<Float64Array[]> {
  const [ofTrain, ofTest] = [factorsOf(network, train), factorsOf(network, test)];
  const products: Float64Array[] = [];
  for (let j = 0; j < test.count; j++) {
    const row = new Float64Array(train.count);
    for (const { name, bias } of network.model.traced) {
      const [a, b] = [ofTrain.get(name) as Factors, ofTest.get(name) as Factors];
      for (let i = 0; i < train.count; i++) {
        const onInputs = rowProduct(a.inputs, i, b.inputs, j, a.rows) + Number(bias);
        const columns = a.deltas.length / train.count;
        row[i] = (row[i] as number) + onInputs * rowProduct(a.deltas, i, b.deltas, j, columns);
      }
    }
    products.push(row);
    await breathe(signal);
  }
  return products;
}

/** x_i and d_i of every example's own loss. */
function factorsOf(network: Network, examples: LabelledExamples): Map<string, Factors> {
  const indices = Array.from({ length: examples.count }, (_, i) => i);
  const batch = rowsOf(examples, indices);
  const found = inScope(() => {
    const rows = { batch, labels: Int32Array.from(examples.labels), ghosts: null };
    const { traced } = network.gradients(rows, 'flow', 0);
    const factors = new Map<string, Factors>();
    for (const [name, { inputs, deltas }] of traced) {
      const [x, d] = [inputs[0] as tf.Tensor, deltas[0] as tf.Tensor];
      factors.set(name, {
        inputs: x.dataSync<'float32'>(),
        // The batch's loss is a mean, so each row of D is that share of the example's own.
        deltas: tf.mul(d, examples.count).dataSync<'float32'>(),
        rows: x.size / examples.count,
      });
    }
    return factors;
  });
  disposeRows(batch);
  return found;
}

function rowProduct(a: Float32Array, i: number, b: Float32Array, j: number, length: number) {
  let sum = 0;
  for (let k = 0; k < length; k++) {
    sum += (a[i * length + k] as number) * (b[j * length + k] as number);
  }
  return sum;
}
