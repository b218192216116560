import * as tf from '@tensorflow/tfjs';
import type { Recipe } from '../../src-shared/recipe/recipe';
import { readParts } from './codecs/read-parts';
import { denseStorage } from './codecs/storage';
import type { Gradients, Network, TrainingRows } from './network';
import { coefficientsAt, updateParameter } from './optimizer';
import { arrayOf } from './parameters';
import type { LayerStorage, NamedArray, RecordPart, StepRecord } from './records';
import type { Batch } from './sampler';

/** What a step tells of itself beside what it changes. */
export type StepOutcome = Pick<StepRecord, 'loss' | 'accuracy' | 'parts' | 'sideState'>;

/** Which parts of a step a recipe keeps where nothing is packed. */
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
  private storage: ReadonlyMap<string, LayerStorage>;

  constructor(
    readonly network: Network,
    private readonly recipe: Recipe,
  ) {
    this.storage = denseStorage(network.model.traced, recordedParts(recipe));
  }

  /** Records as `storage` says from now on; before, everything in fp32. */
  recordAs(storage: ReadonlyMap<string, LayerStorage>): void {
    this.storage = storage;
  }

  /** A step's gradients without taking the step; call it inside `tf.tidy`. */
  gradients(rows: TrainingRows): Gradients {
    return this.network.gradients(rows, this.recipe.ghostGradient);
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
      const found = this.gradients(rows);
      const parts = recording ? readParts(this.network.model.traced, found, this.storage) : [];
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
      const { loss, accuracy } = found;
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
