import * as tf from '@tensorflow/tfjs';
import { storesUpdates } from '../../src-shared/recipe/optimizer-spec';
import type { Recipe } from '../../src-shared/recipe/recipe';
import { CarriedRests } from './codecs/carried-rests';
import { type Kept, readParts } from './codecs/read-parts';
import { OwnRooms, SharedRooms } from './codecs/record-rooms';
import { RowPlaces } from './codecs/row-places';
import { denseStorage } from './codecs/storage';
import type { Gradients, Network, TrainingRows } from './network';
import { type Optimizer, optimizerOf } from './optimizer-memory';
import type {
  LayerStorage,
  NamedArray,
  PartRecord,
  RecordMemory,
  RecordPart,
  StepExamples,
  StepRecord,
} from './records';
import type { Batch } from './sampler';
import { inScope } from './scope';

/** What a step tells of itself beside what it changes. */
export type StepOutcome = Pick<StepRecord, 'loss' | 'accuracy' | 'parts' | 'sideState'>;

/** All that a step leaves behind. Written out: objects that are spread take longer than all else that hands them on. */
export function recordOf(batch: Batch, outcome: StepOutcome): StepRecord {
  return {
    step: batch.step,
    epoch: batch.epoch,
    label: batch.label,
    examples: batch.examples,
    ghosts: batch.ghosts,
    learningRate: batch.learningRate,
    loss: outcome.loss,
    accuracy: outcome.accuracy,
    parts: outcome.parts,
    sideState: outcome.sideState,
  };
}

/** Which parts of a step a recipe keeps where nothing is packed. */
export function recordedParts(recipe: Recipe): readonly RecordPart[] {
  if (storesUpdates(recipe.optimizer)) return ['update'];
  const ghosts = recipe.ghostSamples > 0 && recipe.ghostGradient === 'flow';
  return [
    'gradient',
    ...(ghosts ? (['ghost'] as const) : []),
    ...(recipe.perExample && recipe.recording !== 'single' ? (['inputs', 'deltas'] as const) : []),
  ];
}

/** Trains a network step by step: gradients, then the optimizer's recursion on every parameter. */
export class Trainer {
  private readonly optimizer: Optimizer;
  private storage: ReadonlyMap<string, LayerStorage>;
  private readonly rests: CarriedRests;
  private readonly places = new RowPlaces();
  private kept: Omit<Kept, 'fresh'>;
  private readonly maps: ReadonlySet<string>;
  private readonly hasSideState: boolean;

  constructor(
    readonly network: Network,
    private readonly recipe: Recipe,
  ) {
    this.optimizer = this.freshOptimizer();
    this.storage = denseStorage(network.model.traced, recordedParts(recipe));
    this.rests = new CarriedRests(recipe.optimizer);
    this.maps = new Set(network.model.maps.map(({ name }) => name));
    this.hasSideState = this.sideState().length > 0;
    this.kept = { carryOf: (...part) => this.rests.of(...part), rooms: new OwnRooms() };
  }

  /** Records as `storage` says from now on; before, everything in fp32. */
  recordAs(storage: ReadonlyMap<string, LayerStorage>): void {
    this.storage = storage;
  }

  /** Takes what earlier steps took as stored already: a recording that goes on stores each row once. */
  goOnAfter(earlier: Iterable<StepExamples>): void {
    for (const each of earlier) this.freshOf(each);
  }

  /** Reads the numbers of steps into `memory` from now on. */
  recordInto(memory: RecordMemory): void {
    this.kept = { ...this.kept, rooms: new SharedRooms(memory) };
  }

  /**
   * A step's gradients without taking the step; call it inside `tf.tidy`.
   *
   * @param wantsGhost whether a layer's `ghost` is wanted; absent: of all
   */
  gradients(rows: TrainingRows, step: number, wantsGhost?: (layer: string) => boolean): Gradients {
    return this.network.gradients(rows, this.recipe.ghostGradient, step, wantsGhost);
  }

  /** The recipe's optimizer, remembering nothing yet; the caller disposes it. */
  freshOptimizer(): Optimizer {
    return optimizerOf(this.recipe.optimizer);
  }

  /**
   * What a step would store of the parameters, gradients or updates, without taking the step; call it
   * inside `tf.tidy`.
   *
   * @param optimizer what it remembers of earlier steps; remembers this one after
   */
  storable(rows: TrainingRows, batch: Batch, optimizer: Optimizer): Gradients {
    const found = this.gradients(rows, batch.step);
    if (!storesUpdates(this.recipe.optimizer)) return found;
    const used = this.ascended(found, rows, batch.step);
    const weightsOf = (name: string): tf.Tensor => this.network.parameters.get(name);
    const updates = new Map<string, tf.Tensor>();
    for (const [name, after] of optimizer.next(used.parameters, weightsOf, batch)) {
      updates.set(name, tf.sub(after, weightsOf(name)));
    }
    return { ...found, parameters: updates };
  }

  /**
   * Does one step.
   *
   * @param recording whether its parts are read back; what rounding leaves over of them goes into the
   *   next step that is recorded. What is quantised is written over by the next step
   */
  step(batch: Batch, rows: TrainingRows, recording: boolean): StepOutcome {
    const { parameters, model } = this.network;
    return inScope(() => {
      const found = this.gradients(rows, batch.step, (layer) => this.storesGhost(layer));
      const used = this.ascended(found, rows, batch.step);
      if (recording) this.rests.begin(batch);
      const read = (updates?: ReadonlyMap<string, tf.Tensor>): PartRecord[] => {
        if (!recording) return [];
        const kept = { ...this.kept, fresh: this.freshOf(batch) };
        return readParts(model.traced, found, this.storage, updates, kept);
      };
      // Gradients are read before all weights pass through the processor's caches.
      const early = storesUpdates(this.recipe.optimizer) ? null : read();
      const updates = this.descend(used.parameters, batch);
      for (const [name, value] of found.state) parameters.set(name, value);
      const parts = early ?? read(updates);
      const sideState = recording && this.hasSideState ? this.sideState() : [];
      const { loss, accuracy } = found;
      return { loss, accuracy, parts, sideState };
    });
  }

  /** Weights under the export's names, and the optimizer's state under `optimizer/…`. */
  state(): NamedArray[] {
    return [...this.network.parameters.export(), ...this.optimizer.state()];
  }

  /** What recording carries on from step to step, under `optimizer/_rest/…`: no part of the network. */
  carried(): NamedArray[] {
    return this.rests.state();
  }

  restore(state: readonly NamedArray[], from: string): void {
    this.network.parameters.import(state, from);
    this.optimizer.restore(state);
    this.rests.restore(state);
  }

  dispose(): void {
    this.optimizer.dispose();
    this.network.dispose();
  }

  /** Which of a step's rows that gradients flow to are of examples that no earlier step has taken. */
  private freshOf(taken: StepExamples): Int32Array {
    const ghosts = this.recipe.ghostGradient === 'flow' ? taken.ghosts.length : 0;
    return this.places.fresh(taken, taken.examples.length + ghosts);
  }

  private storesGhost(layer: string): boolean {
    const parts = this.storage.get(layer)?.parts ?? [];
    return parts.some(({ part }) => part === 'ghost' || part === 'ghostCoordinates');
  }

  /** Moves the weights; gives their updates where those are stored. */
  private descend(
    gradients: ReadonlyMap<string, tf.Tensor>,
    batch: Batch,
  ): ReadonlyMap<string, tf.Tensor> {
    const { parameters } = this.network;
    const whole = storesUpdates(this.recipe.optimizer);
    const updates = new Map<string, tf.Tensor>();
    const moved = this.optimizer.next(gradients, (name) => parameters.get(name), batch);
    for (const [name, after] of moved) {
      if (!whole) {
        parameters.set(name, after);
        continue;
      }
      // The weights follow the rounded update, so that adding up the record gives their very bits.
      const before = parameters.get(name);
      const update = tf.sub(after, before);
      updates.set(name, update);
      parameters.set(name, tf.add(before, update));
    }
    return updates;
  }

  /** The gradients that the step descends by: SAM's are those at W + ρ g / ‖g‖, of the same rows. */
  private ascended(found: Gradients, rows: TrainingRows, step: number): Gradients {
    const { optimizer } = this.recipe;
    if (optimizer.name !== 'sam') return found;
    const { parameters } = this.network;
    const squares = [...found.parameters.values()].map((g) => tf.sum(tf.square(g)));
    const scale = tf.div(optimizer.rho, tf.add(tf.sqrt(tf.addN(squares)), 1e-12));
    const neighbour = new Map(
      [...found.parameters].map(([name, g]) => [
        name,
        tf.add(parameters.get(name), tf.mul(g, scale)),
      ]),
    );
    return parameters.during(neighbour, () => this.gradients(rows, step));
  }

  /** Batch norm's parameters and moving statistics: small, and in no linear map. */
  private sideState(): NamedArray[] {
    return this.network.parameters.export((layer) => !this.maps.has(layer));
  }
}
