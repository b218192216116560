import * as tf from '@tensorflow/tfjs';
import type { Cell } from './cells';
import { dense } from './dense';
import { type Layer, summed } from './layer';
import { biasParameter, kernelParameter, type LinearMathematics, linearGradient } from './linear';

export interface RecurrenceShape {
  readonly units: number;
  readonly useBias: boolean;
  readonly returnSequences: boolean;
}

/**
 * The recurrence of a cell over its input [n, time, gates · units]. Its linear map is m_t = h_{t−1} U
 * (+ b) over time: row t of X is h_{t−1}, row t of D the gradient by m_t.
 */
export function cellRecurrence(cell: Cell, shape: RecurrenceShape): Layer {
  const { units, useBias, returnSequences } = shape;
  const map = cellMap(cell, shape);
  const through = (x: tf.Tensor, { kernel, bias }: Readonly<Record<string, tf.Tensor>>) => {
    const product = map.apply(x, kernel as tf.Tensor);
    return bias ? tf.add(product, bias) : product;
  };
  const unroll = (x: tf.Tensor, parameters: Readonly<Record<string, tf.Tensor>>): Run => {
    const run: Run = { before: [], hidden: [], kept: [] };
    let hidden: tf.Tensor = tf.zeros([x.shape[0] as number, units]);
    for (const input of tf.unstack(x, 1)) {
      run.before.push(hidden);
      const next = cell.step(input, through(hidden, parameters), hidden);
      hidden = next.hidden;
      run.hidden.push(hidden);
      run.kept.push(next.kept);
    }
    return run;
  };
  const output = ({ hidden }: Run): tf.Tensor =>
    returnSequences ? tf.stack(hidden, 1) : (hidden.at(-1) as tf.Tensor);

  return {
    parameters: useBias ? [kernelParameter(map), biasParameter(map)] : [kernelParameter(map)],
    infer: ([x], parameters) => output(unroll(x as tf.Tensor, parameters)),
    signal([x], _output, parameters) {
      const input = tf.stack(unroll(x as tf.Tensor, parameters).before, 1);
      return { input, preActivation: through(input, parameters) };
    },
    forward(inputs, parameters) {
      const runs = inputs.map(([x]) => unroll(x as tf.Tensor, parameters));
      const memory = runs.flatMap(({ before, kept }, group) => [
        [`before${group}`, tf.stack(before, 1)],
        [`kept${group}`, tf.stack(kept, 1)],
      ]);
      return { outputs: runs.map(output), memory: Object.fromEntries(memory) };
    },
    backward(gradients, { memory }, { kernel }, wanted) {
      const found = gradients.map((gradient, group) => {
        const inputs = memory[`before${group}`] as tf.Tensor;
        const before = tf.unstack(inputs, 1);
        const kept = tf.unstack(memory[`kept${group}`] as tf.Tensor, 1);
        const byOutput = returnSequences ? tf.unstack(gradient, 1) : [];
        const byInput: tf.Tensor[] = [];
        const byMap: tf.Tensor[] = [];
        let later: tf.Tensor | null = returnSequences ? null : gradient;
        for (let t = kept.length - 1; t >= 0; t--) {
          const own = byOutput[t];
          const delta = (own && later ? tf.add(own, later) : (own ?? later)) as tf.Tensor;
          const found = cell.back(delta, kept[t] as tf.Tensor, before[t] as tf.Tensor);
          byInput[t] = found.byInput;
          byMap[t] = found.byMap;
          const past = tf.matMul(found.byMap as tf.Tensor2D, kernel as tf.Tensor2D, false, true);
          later = found.byBefore ? tf.add(found.byBefore, past) : past;
        }
        const deltas = tf.stack(byMap, 1);
        return {
          inputs: wanted.inputs ? [tf.stack(byInput, 1)] : [],
          parameters: linearGradient(map, inputs, deltas),
          traced: { inputs, deltas },
        };
      });
      return summed(found);
    },
  };
}

/** h U (+ b) over time, h [n, time, units]. */
export function cellMap(
  { gates }: Cell,
  { units, useBias }: Pick<RecurrenceShape, 'units' | 'useBias'>,
): LinearMathematics {
  return dense(units, gates * units, useBias);
}

/** The values of every time step; `before` begins with h_0 = 0. */
interface Run {
  readonly before: tf.Tensor[];
  readonly hidden: tf.Tensor[];
  readonly kept: tf.Tensor[];
}
