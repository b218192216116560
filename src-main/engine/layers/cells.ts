import * as tf from '@tensorflow/tfjs';

/**
 * A recurrent cell of one state: h_t from the layer's input x_t, the recurrent map m_t = h_{t−1} U
 * (+ b) and h_{t−1}. All are [n, …].
 */
export interface Cell {
  /** Outputs of the recurrent map, and of what the cell reads, per unit. */
  readonly gates: number;
  step(x: tf.Tensor, map: tf.Tensor, before: tf.Tensor): Stepped;
  /** @param delta ∂L/∂h_t; @param kept of the step */
  back(delta: tf.Tensor, kept: tf.Tensor, before: tf.Tensor): SteppedBack;
}

export interface Stepped {
  readonly hidden: tf.Tensor;
  /** What `back` needs. */
  readonly kept: tf.Tensor;
}

export interface SteppedBack {
  readonly byInput: tf.Tensor;
  readonly byMap: tf.Tensor;
  /** ∂L/∂h_{t−1} beside what comes through the map; null: nothing. */
  readonly byBefore: tf.Tensor | null;
}

/**
 * A gated recurrent unit (Cho et al., 2014) as Keras computes it (`reset_after`), gates in its order
 * z, r, h:
 *
 *   z = σ(x_z + m_z),   r = σ(x_r + m_r),   c = tanh(x_h + r m_h),   h_t = z h_{t−1} + (1 − z) c.
 */
export const gru: Cell = {
  gates: 3,
  step(x, map, before) {
    const [xz, xr, xh] = tf.split(x, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [mz, mr, mh] = tf.split(map, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const z = tf.sigmoid(tf.add(xz, mz));
    const r = tf.sigmoid(tf.add(xr, mr));
    const c = tf.tanh(tf.add(xh, tf.mul(r, mh)));
    const hidden = tf.add(tf.mul(z, before), tf.mul(tf.sub(1, z), c));
    return { hidden, kept: tf.concat([z, r, c, mh], 1) };
  },
  back(delta, kept, before) {
    const [z, r, c, mh] = tf.split(kept, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const byZ = tf.mul(tf.mul(delta, tf.sub(before, c)), tf.mul(z, tf.sub(1, z)));
    const byC = tf.mul(tf.mul(delta, tf.sub(1, z)), tf.sub(1, tf.square(c)));
    const byR = tf.mul(tf.mul(byC, mh), tf.mul(r, tf.sub(1, r)));
    return {
      byInput: tf.concat([byZ, byR, byC], 1),
      byMap: tf.concat([byZ, byR, tf.mul(byC, r)], 1),
      byBefore: tf.mul(delta, z),
    };
  },
};

/** A fully connected recurrent cell (Elman, 1990): h_t = tanh(x_t + m_t). */
export const simpleRNN: Cell = {
  gates: 1,
  step(x, map) {
    const hidden = tf.tanh(tf.add(x, map));
    return { hidden, kept: hidden };
  },
  back(delta, hidden) {
    const through = tf.mul(delta, tf.sub(1, tf.square(hidden)));
    return { byInput: through, byMap: through, byBefore: null };
  },
};
