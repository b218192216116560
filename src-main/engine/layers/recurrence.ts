import * as tf from '@tensorflow/tfjs';
import { dense } from './dense';
import { type Groups, type Layer, summed } from './layer';
import { kernelParameter, type LinearMathematics } from './linear';

/**
 * The recurrence of an LSTM (Hochreiter & Schmidhuber, 1997; Gers et al., 2000) over the gates'
 * inputs x_t [n, time, 4 units], in Keras' order i, f, c, o:
 *
 *   z_t = x_t + h_{t−1} U,   c_t = σ(z_f) c_{t−1} + σ(z_i) tanh(z_c),   h_t = σ(z_o) tanh(c_t).
 *
 * Its linear map is h_{t−1} U over time: row t of X is h_{t−1}, row t of D is the gradient by z_t,
 * which is also the gradient by x_t.
 */
export function recurrence(units: number, returnSequences: boolean): Layer {
  const map = recurrentMap(units);
  return {
    parameters: [kernelParameter(map)],
    infer: ([x], { kernel }) => output(unroll(x as tf.Tensor3D, kernel as tf.Tensor2D)),
    signal([x], _output, { kernel }) {
      const { before } = unroll(x as tf.Tensor3D, kernel as tf.Tensor2D);
      const input = tf.stack(before, 1);
      return { input, preActivation: map.apply(input, kernel as tf.Tensor) };
    },
    forward(inputs, { kernel }) {
      const runs = inputs.map(([x]) => unroll(x as tf.Tensor3D, kernel as tf.Tensor2D));
      return { outputs: runs.map(output), memory: memoryOf(runs) };
    },
    backward(gradients, pass, { kernel }, wanted) {
      const found = gradients.map((gradient, group) => {
        const kept = (name: string): tf.Tensor[] =>
          tf.unstack(pass.memory[`${name}${group}`] as tf.Tensor, 1);
        const deltas = tf.stack(
          backThroughTime(
            outputGradients(gradient, kept('before').length),
            kept('gates'),
            kept('cells'),
            kernel as tf.Tensor2D,
          ),
          1,
        );
        const inputs = pass.memory[`before${group}`] as tf.Tensor;
        return {
          inputs: wanted.inputs ? [deltas] : [],
          parameters: { kernel: map.kernelGradient(inputs, deltas) },
          traced: { inputs, deltas },
        };
      });
      return summed(found);
    },
  };

  function output({ hidden }: Run): tf.Tensor {
    return returnSequences ? tf.stack([...hidden], 1) : (hidden.at(-1) as tf.Tensor);
  }

  /** ∂L/∂h_t of what reads the output, for every t. */
  function outputGradients(gradient: tf.Tensor, steps: number): (tf.Tensor | null)[] {
    if (returnSequences) return tf.unstack(gradient, 1);
    return Array.from({ length: steps }, (_, t) => (t === steps - 1 ? gradient : null));
  }
}

/** h U over time, h [n, time, units]. */
export function recurrentMap(units: number): LinearMathematics {
  return dense(units, 4 * units, false);
}

/** The values of every time step; of `cells` c_0 = 0 comes first. */
interface Run {
  readonly before: tf.Tensor[];
  readonly hidden: tf.Tensor[];
  readonly cells: tf.Tensor[];
  /** i, f, c, o side by side, behind σ and tanh. */
  readonly gates: tf.Tensor[];
}

function unroll(x: tf.Tensor3D, kernel: tf.Tensor2D): Run {
  const units = kernel.shape[0];
  const zero = tf.zeros([x.shape[0], units]);
  const run: Run = { before: [], hidden: [], cells: [zero], gates: [] };
  for (const input of tf.unstack(x, 1)) {
    const previous = run.hidden.at(-1) ?? zero;
    const z = tf.add(input, tf.matMul(previous as tf.Tensor2D, kernel));
    const [zi, zf, zc, zo] = tf.split(z, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const [i, f, c, o] = [tf.sigmoid(zi), tf.sigmoid(zf), tf.tanh(zc), tf.sigmoid(zo)] as const;
    const cell = tf.add(tf.mul(f, run.cells.at(-1) as tf.Tensor), tf.mul(i, c));
    run.before.push(previous);
    run.gates.push(tf.concat([i, f, c, o], 1));
    run.cells.push(cell);
    run.hidden.push(tf.mul(o, tf.tanh(cell)));
  }
  return run;
}

function memoryOf(runs: Groups<Run>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    runs.flatMap(({ before, cells, gates }, group) =>
      Object.entries({ before, cells, gates }).map(([name, steps]) => [
        `${name}${group}`,
        tf.stack(steps, 1),
      ]),
    ),
  );
}

/** ∂L/∂z_t for every t, from the last to the first. */
function backThroughTime(
  gradients: readonly (tf.Tensor | null)[],
  gates: readonly tf.Tensor[],
  cells: readonly tf.Tensor[],
  kernel: tf.Tensor2D,
): tf.Tensor[] {
  const deltas: tf.Tensor[] = [];
  let byHidden: tf.Tensor | null = null;
  let byCell: tf.Tensor | null = null;
  for (let t = gates.length - 1; t >= 0; t--) {
    const [i, f, c, o] = tf.split(gates[t] as tf.Tensor, 4, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const squashed = tf.tanh(cells[t + 1] as tf.Tensor);
    const hidden = sum(gradients[t] ?? null, byHidden) ?? tf.zerosLike(o);
    const through = tf.mul(tf.mul(hidden, o), bend(squashed));
    const cell = sum(through, byCell) as tf.Tensor;
    const delta = tf.concat(
      [
        tf.mul(tf.mul(cell, c), slope(i)),
        tf.mul(tf.mul(cell, cells[t] as tf.Tensor), slope(f)),
        tf.mul(tf.mul(cell, i), bend(c)),
        tf.mul(tf.mul(hidden, squashed), slope(o)),
      ],
      1,
    ) as tf.Tensor2D;
    deltas[t] = delta;
    byHidden = tf.matMul(delta, kernel, false, true);
    byCell = tf.mul(cell, f);
  }
  return deltas;
}

/** σ' by σ. */
function slope(y: tf.Tensor): tf.Tensor {
  return tf.mul(y, tf.sub(1, y));
}

/** tanh' by tanh. */
function bend(y: tf.Tensor): tf.Tensor {
  return tf.sub(1, tf.square(y));
}

function sum(a: tf.Tensor | null, b: tf.Tensor | null): tf.Tensor | null {
  return a && b ? tf.add(a, b) : (a ?? b);
}
