import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src-shared/random';
import type { GraphUnion } from '../graphs';

/**
 * A value for each group of a step's rows: the batch first, then the ghost samples where there are
 * any (Alg. 2). Groups run through the network side by side, so that what the ghosts put into a
 * gradient falls out by itself, and only batch normalisation ever sees both.
 */
export type Groups<T> = readonly T[];

/** A layer's mathematics; it owns no tensor. Training calls all of it inside one `tf.tidy`. */
export interface Layer {
  readonly parameters: readonly ParameterSpec[];
  /** Inference mode. */
  infer(inputs: readonly tf.Tensor[], parameters: Parameters, graphs: GraphUnion | null): tf.Tensor;
  /** @param random what a group of this step draws from; the same however often it is asked for */
  forward(
    inputs: Groups<readonly tf.Tensor[]>,
    parameters: Parameters,
    graphs: Groups<GraphUnion | null>,
    random: (group: number) => Random,
  ): Forward;
  /**
   * Gradients by inputs and parameters for each group of `gradients`: both groups where gradients
   * flow to the ghosts, the batch alone where they are stopped.
   *
   * @param wantsInputs false for a layer that reads the data: its input gradients are not needed
   */
  backward(
    gradients: Groups<tf.Tensor>,
    pass: Pass,
    parameters: Parameters,
    wantsInputs: boolean,
  ): Groups<Backward>;
  /** f and z of a traced layer, from what it read and gave in inference mode. */
  signal?(inputs: readonly tf.Tensor[], output: tf.Tensor, parameters: Parameters): LayerSignal;
}

/** A traced layer's input f and pre-activation z. */
export interface LayerSignal {
  readonly input: tf.Tensor;
  readonly preActivation: tf.Tensor;
}

export interface ParameterSpec {
  /** `kernel`, `bias`, `gamma`, `beta`, `movingMean` or `movingVariance`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  readonly start: 'he-normal' | 'zeros' | 'ones';
  /** Inputs of each of its outputs; absent: all sizes but the last. */
  readonly fanIn?: number;
}

/** A layer's parameters by their names within the layer. */
export type Parameters = Readonly<Record<string, tf.Tensor>>;

export interface Forward {
  readonly outputs: Groups<tf.Tensor>;
  /** What `backward` needs beside inputs and outputs. */
  readonly memory?: Parameters;
  /** New values of untrained state, such as moving statistics. */
  readonly state?: Parameters;
}

/** A forward pass of one layer, as its backward pass sees it. */
export interface Pass {
  readonly inputs: Groups<readonly tf.Tensor[]>;
  readonly outputs: Groups<tf.Tensor>;
  readonly memory: Parameters;
  /** How rows hang together where the examples are graphs; null where they are none. */
  readonly graphs: Groups<GraphUnion | null>;
}

export interface Backward {
  readonly inputs: readonly tf.Tensor[];
  readonly parameters: Parameters;
  /** X and D of a traced layer. */
  readonly traced?: { readonly inputs: tf.Tensor; readonly deltas: tf.Tensor };
}

/** A layer that treats every row by itself, from its mathematics for one group. */
export interface RowwiseMathematics {
  readonly parameters?: readonly ParameterSpec[];
  forward(
    inputs: readonly tf.Tensor[],
    parameters: Parameters,
    graphs: GraphUnion | null,
  ): tf.Tensor;
  backward(
    gradient: tf.Tensor,
    inputs: readonly tf.Tensor[],
    output: tf.Tensor,
    parameters: Parameters,
    wantsInputs: boolean,
    graphs: GraphUnion | null,
  ): Omit<Backward, 'parameters'> & { readonly parameters?: Parameters };
}

/** Lifts the mathematics of one group to all groups of a step. */
export function rowwise(mathematics: RowwiseMathematics): Layer {
  return {
    parameters: mathematics.parameters ?? [],
    infer: (inputs, parameters, graphs) => mathematics.forward(inputs, parameters, graphs),
    forward: (inputs, parameters, graphs) => ({
      outputs: inputs.map((group, place) =>
        mathematics.forward(group, parameters, graphs[place] ?? null),
      ),
    }),
    backward: (gradients, pass, parameters, wantsInputs) =>
      gradients.map((gradient, group) => {
        const inputs = pass.inputs[group] as readonly tf.Tensor[];
        const output = pass.outputs[group] as tf.Tensor;
        return {
          parameters: {},
          ...mathematics.backward(
            gradient,
            inputs,
            output,
            parameters,
            wantsInputs,
            pass.graphs[group] ?? null,
          ),
        };
      }),
  };
}
