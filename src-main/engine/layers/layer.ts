import * as tf from '@tensorflow/tfjs';
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
   * Gradients by inputs and parameters from those of `gradients`: of both groups where gradients flow to
   * the ghosts, of the batch alone where they are stopped.
   */
  backward(
    gradients: Groups<tf.Tensor>,
    pass: Pass,
    parameters: Parameters,
    wanted: Wanted,
  ): Backward;
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

/** What is asked of a backward pass beside the gradients by a layer's parameters. */
export interface Wanted {
  /** False for a layer that reads the data: its input gradients are not needed. */
  readonly inputs: boolean;
  /** Whether the ghosts' part of the gradients by a linear map's parameters is needed by itself. */
  readonly ghost: boolean;
}

export interface Backward {
  /** By what each group read; empty where it is not wanted. */
  readonly inputs: Groups<readonly tf.Tensor[]>;
  /** By the parameters, all groups together. */
  readonly parameters: Parameters;
  /** The ghosts' part of `parameters`, where it is wanted and gradients flow to them. */
  readonly ghost?: Parameters | undefined;
  /** X and D of a traced layer. */
  readonly traced?:
    | { readonly inputs: Groups<tf.Tensor>; readonly deltas: Groups<tf.Tensor> }
    | undefined;
}

/** A backward pass of one group by itself. */
export interface GroupBackward {
  readonly inputs: readonly tf.Tensor[];
  readonly parameters?: Parameters;
  /** X and D of a traced layer. */
  readonly traced?: { readonly inputs: tf.Tensor; readonly deltas: tf.Tensor };
}

/** The backward pass of a step from those of its groups. */
export function summed(groups: Groups<GroupBackward>): Backward {
  const parts = groups.map(({ parameters }) => parameters ?? {});
  const names = Object.keys(parts[0] ?? {});
  const traced = groups.flatMap((group) => group.traced ?? []);
  return {
    inputs: groups.map(({ inputs }) => inputs),
    parameters: Object.fromEntries(
      names.map((name) => [name, sumOf(parts.map((part) => part[name] as tf.Tensor))]),
    ),
    ghost: parts[1],
    traced:
      traced.length === 0
        ? undefined
        : {
            inputs: traced.map(({ inputs }) => inputs),
            deltas: traced.map(({ deltas }) => deltas),
          },
  };
}

/** Their sum. */
export function sumOf(parts: readonly tf.Tensor[]): tf.Tensor {
  return parts.length === 1 ? (parts[0] as tf.Tensor) : tf.addN([...parts]);
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
  ): GroupBackward;
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
    backward: (gradients, pass, parameters, wanted) =>
      summed(
        gradients.map((gradient, group) =>
          mathematics.backward(
            gradient,
            pass.inputs[group] as readonly tf.Tensor[],
            pass.outputs[group] as tf.Tensor,
            parameters,
            wanted.inputs,
            pass.graphs[group] ?? null,
          ),
        ),
      ),
  };
}
