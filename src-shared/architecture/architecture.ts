import type { ExplanationUnit } from '../explanation/explanation';
import type { TracedKind } from '../model/resolved';

/**
 * What the updates of a run say about its layers: how class-specific they are, and how that compares
 * with chance. The same object feeds the window, the command line's JSON and the report.
 */
export interface ArchitectureAnalysis {
  /** Name of the run's folder. */
  readonly run: string;
  readonly split: 'train' | 'test';
  /** The examples that were asked about, drawn evenly over the classes that the network predicts. */
  readonly examples: readonly number[];
  /** Seed of that draw and of the permutations. */
  readonly seed: number;
  readonly unit: ExplanationUnit;
  /**
   * What specificity compares: steps, each of one class, by cos; or, where steps mix classes, training
   * examples by their influence, all their steps together. Null: there is none.
   */
  readonly over: 'steps' | 'examples' | null;
  /** Null where there is no specificity. */
  readonly null: NullModel | null;
  /** Why there is no specificity: one sentence; null where there is. */
  readonly unavailable: string | null;
  readonly steps: number;
  readonly layers: readonly LayerSpecificity[];
}

/** What specificity would be by chance. */
export interface NullModel {
  readonly permutations: number;
  /** Share of the permutations in which every cell and every layer lies inside its band. */
  readonly level: number;
  /** Half the band's width, in standard deviations of a cell under the permutations. */
  readonly deviations: number;
}

/** A number with its null band. */
export interface Specificity {
  /**
   * Probability that an update of the predicted class has a higher cos than one of another class,
   * both drawn by ‖Δ_t f‖, or that a training example of it has more influence than one of another;
   * ½: uniform over the classes. Mean over the examples asked about.
   */
  readonly specificity: number;
  /** Where it lies by chance: lower and upper end. */
  readonly band: readonly [number, number];
  readonly inside: boolean;
}

/** One cell of the map: a layer, and the examples predicted to be of one class. */
export interface ClassSpecificity extends Specificity {
  readonly label: number;
  readonly examples: number;
  /** Steps, or training examples, of this class. */
  readonly steps: number;
}

export interface LayerSpecificity {
  readonly name: string;
  readonly kind: TracedKind;
  /** Mean over the classes; null where there is none. */
  readonly whole: Specificity | null;
  /** Classes that the network predicts somewhere in the sample. */
  readonly classes: readonly ClassSpecificity[];
  /** Evenness of the class shares, 0 … 1, mean over the examples; null where all shares are 0. */
  readonly shareEntropy: number | null;
  readonly flag: LayerFlag | null;
  /** Why it is flagged or not: one sentence. */
  readonly reason: string;
}

/**
 * What stands out of a hidden layer's updates. Whether it is needed only retraining tests.
 * `uniform`: its updates are uniform over the classes as far as chance can tell, or move nothing.
 * `separated`: its updates tell every class apart already, before the output layer.
 * `frozen`: it was not trained, so there are no updates to say anything.
 * `unrecorded`: its updates were not kept, so that nothing is known of them.
 */
export type LayerFlag = 'uniform' | 'separated' | 'frozen' | 'unrecorded';

/** Whether there are updates of a layer that something can be said of. */
export function hasUpdates({ flag }: Pick<LayerSpecificity, 'flag'>): boolean {
  return flag !== 'frozen' && flag !== 'unrecorded';
}

const reasons = {
  frozen: 'It was not trained: its weights are those it started with, whatever the classes.',
  unrecorded: 'It was not recorded: the recipe traces other layers, so its updates are unknown.',
} as const;

/** What is known of a layer without updates, before anything is read. */
export function withoutUpdates(
  { name, kind }: Pick<LayerSpecificity, 'name' | 'kind'>,
  flag: keyof typeof reasons,
): LayerSpecificity {
  const nothing = { whole: null, classes: [], shareEntropy: null };
  return { ...{ name, kind }, ...nothing, flag, reason: reasons[flag] };
}

/** Whether something stands out of a layer's updates. */
export function isFlagged({ flag }: Pick<LayerSpecificity, 'flag'>): boolean {
  return flag === 'uniform' || flag === 'separated';
}

/**
 * The layers to retrain without where nothing else is said: the separated ones. Uniform ones are no
 * such hint: in planted cases they were needed more often than not (docs/method.md).
 */
export function suggestedLayers(
  layers: readonly Pick<LayerSpecificity, 'name' | 'flag'>[],
): string[] {
  return layers.filter(({ flag }) => flag === 'separated').map(({ name }) => name);
}
