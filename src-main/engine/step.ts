import * as tf from '@tensorflow/tfjs';
import type { Recipe } from '../../src-shared/recipe/recipe';
import type { Network, TracedGradients, TrainingRows } from './network';
import { coefficientsAt, updateParameter } from './optimizer';
import { arrayOf } from './parameters';
import type { NamedArray, PartRecord, RecordPart, StepRecord } from './records';
import type { Batch } from './sampler';

/** What a step tells of itself beside what it changes. */
export type StepOutcome = Pick<StepRecord, 'loss' | 'accuracy' | 'parts' | 'sideState'>;

/** Which parts of a step a recipe keeps. */
export function recordedParts(recipe: Recipe): readonly RecordPart[] {
  const ghosts = recipe.ghostSamples > 0 && recipe.ghostGradient === 'flow';
  return [
    'gradient',
    ...(ghosts ? (['ghost'] as const) : []),
    ...(recipe.perExample && recipe.recording !== 'single' ? (['inputs', 'deltas'] as const) : []),
  ];
}

/** Trains a network step by step: gradients, then the optimizer's recursion on every parameter. */
export class Trainer {
  private readonly velocities = new Map<string, tf.Tensor>();
  private readonly kept: readonly RecordPart[];

  constructor(
    readonly network: Network,
    private readonly recipe: Recipe,
  ) {
    this.kept = recordedParts(recipe);
  }

  /**
   * Does one step.
   *
   * @param recording false while steps that are already on disk are repeated: no part is read back
   */
  step(batch: Batch, rows: TrainingRows, recording: boolean): StepOutcome {
    const { parameters } = this.network;
    const at = coefficientsAt(this.recipe.optimizer, batch.step, batch.learningRate);
    return inScope(() => {
      const found = this.network.gradients(rows, this.recipe.ghostGradient);
      const parts = recording ? this.read(found.traced) : [];
      for (const [name, gradient] of found.parameters) {
        const velocity = this.velocities.get(name) ?? null;
        const updated = updateParameter(parameters.get(name), velocity, gradient, at);
        parameters.set(name, updated.weights);
        if (updated.velocity) {
          this.velocities.set(name, tf.keep(updated.velocity));
          velocity?.dispose();
        }
      }
      for (const [name, value] of found.state) parameters.set(name, value);
      const sideState = recording ? this.sideState() : [];
      const [loss = Number.NaN] = found.loss.dataSync();
      const [accuracy = Number.NaN] = found.accuracy.dataSync();
      return { loss, accuracy, parts, sideState };
    });
  }

  /** Weights under the export's names, and the optimizer's state under `optimizer/…`. */
  state(): NamedArray[] {
    const velocities = [...this.velocities].map(([name, tensor]) =>
      arrayOf(`optimizer/${name}`, tensor),
    );
    return [...this.network.parameters.export(), ...velocities];
  }

  restore(state: readonly NamedArray[], from: string): void {
    this.network.parameters.import(state, from);
    for (const { name, shape, data } of state) {
      if (!name.startsWith('optimizer/')) continue;
      const parameter = name.slice('optimizer/'.length);
      this.velocities.get(parameter)?.dispose();
      this.velocities.set(parameter, tf.keep(tf.tensor(data, [...shape], 'float32')));
    }
  }

  dispose(): void {
    for (const tensor of this.velocities.values()) tensor.dispose();
    this.velocities.clear();
    this.network.dispose();
  }

  /** Brings a step's records out of the tensor runtime, each byte once. */
  private read(traced: ReadonlyMap<string, TracedGradients>): PartRecord[] {
    const parts: PartRecord[] = [];
    for (const { name, rows, columns } of this.network.model.traced) {
      const found = traced.get(name) as TracedGradients;
      const flat = (groups: TracedGradients['parameters']): Float32Array =>
        flattened(
          ['kernel', 'bias'].flatMap((key) => {
            const tensors = groups.flatMap((group) => group[key] ?? []);
            return tensors.length === 0 ? [] : [tensors.length > 1 ? tf.addN(tensors) : tensors[0]];
          }) as tf.Tensor[],
        );
      const shape = [rows, columns];
      for (const part of this.kept) {
        if (part === 'gradient') {
          parts.push({ layer: name, part, shape, data: flat(found.parameters) });
        } else if (part === 'ghost') {
          parts.push({ layer: name, part, shape, data: flat(found.parameters.slice(1)) });
        } else {
          const [tensor] = found[part] as readonly [tf.Tensor];
          parts.push({
            layer: name,
            part,
            shape: tensor.shape,
            data: tensor.dataSync<'float32'>(),
          });
        }
      }
    }
    return parts;
  }

  /** Batch norm's parameters and moving statistics: small, and in no traced layer. */
  private sideState(): NamedArray[] {
    const traced = new Set(this.network.model.traced.map(({ name }) => name));
    return this.network.parameters.export((layer) => !traced.has(layer));
  }
}

/** `tf.tidy` around work that gives back no tensor. */
function inScope<T>(work: () => T): T {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}

/** The values of several tensors one after another; of one tensor without a copy. */
function flattened(tensors: readonly tf.Tensor[]): Float32Array {
  const [first] = tensors;
  if (tensors.length === 1 && first) return first.dataSync<'float32'>();
  const values = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.size, 0));
  let at = 0;
  for (const tensor of tensors) {
    values.set(tensor.dataSync<'float32'>(), at);
    at += tensor.size;
  }
  return values;
}
