import type { TracedKind } from '../model/resolved';

/**
 * What an explanation says, in the words of the method (design: section 1). The same object feeds
 * the window, the command line's JSON and the report, so that their numbers are the same numbers.
 */

/** Which signal of the layer is taken apart. */
export type ExplanationTarget =
  /** z = W f, the paper's. */
  | { readonly kind: 'representation' }
  /** z − W_0 f: only what training put there. */
  | { readonly kind: 'learned' }
  /** z_A − z_B at the output layer: why class A rather than B. */
  | { readonly kind: 'margin'; readonly over: readonly [number, number] };

/** Whether a step is credited for the update it applied or for its own gradient (section 2.3). */
export type ExplanationUnit = 'update' | 'credit';

/** An example of a run's data set. */
export interface ExampleReference {
  readonly split: 'train' | 'test';
  readonly index: number;
}

/** An example with what the final network says of it. */
export interface ExamplePrediction extends ExampleReference {
  readonly label: number;
  readonly predicted: number;
  readonly probabilities: readonly number[];
}

/** What the steps of one epoch put into a layer's signal. */
export interface EpochInfluence {
  /** From 1. */
  readonly epoch: number;
  readonly steps: StepRange;
  /** Mean of η_t over the epoch's steps. */
  readonly learningRate: number;
  /** Σ γ_t over the epoch's steps, ghost samples included. */
  readonly gammaSum: number;
  /** Σ γ_t / ‖z‖² (or / total, for a margin). */
  readonly share: number;
  /** Initialization and all epochs up to the end of this one, as a share. */
  readonly reached: number;
}

/** Steps from `from` up to, and without, `to`. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** Per step, in step order; every array has one entry a step. */
export interface StepInfluence {
  /** γ_t = ⟨z, Δ_t f⟩ (Eq. 6), the whole step's, ghosts included. */
  readonly gamma: Float64Array;
  /** γ_t / (‖z‖ ‖Δ_t f‖) (Eq. 7); 0 where Δ_t f = 0. */
  readonly cos: Float64Array;
  /** ‖Δ_t f‖. */
  readonly norm: Float64Array;
  /** Class of the step's batch; −1 where a step mixes classes. */
  readonly label: Int32Array;
}

/** A class's part of the layer's signal, ghost samples left out. */
export interface ClassShare {
  readonly label: number;
  /** Σ γ of the class / ‖z‖² (or / total, for a margin). */
  readonly share: number;
  /** Steps that this class took part in. */
  readonly steps: number;
}

/** A training example's part, summed over its steps. */
export interface ExampleInfluence {
  readonly index: number;
  readonly label: number;
  readonly gamma: number;
}

/** How a step's γ is spread over its examples: evenly (the paper's), or by each one's own rows. */
export type ExampleSplit = 'equal' | 'exact';

/**
 * What a run keeps of a step. Of a gradient it is known what momentum and decay make of it later; an
 * update (Adam, SAM) counts whole for the step that applied it, in both units.
 */
export type StoredKind = 'gradient' | 'update';

/** One layer's explanation of one example. */
export interface LayerExplanation {
  readonly name: string;
  readonly kind: TracedKind;
  /** Whether its weights were not trained: all of it is initialization, and no step has any part. */
  readonly frozen: boolean;
  /** ‖z‖² of the target signal. */
  readonly normSquared: number;
  /** z_A − z_B, only for a margin: shares are parts of it. */
  readonly total?: number;
  /** ⟨z, W_0 f⟩ / ‖z‖² (`p_0 W_0` in unit `credit`); 0 for `learned`. */
  readonly initializationShare: number;
  /** Share of the ghost samples; 0 where none take part in the gradient. */
  readonly ghostShare: number;
  /** ‖z − W_0 f − Σ Δ_t f‖ / ‖z‖: what the bookkeeping leaves unexplained. */
  readonly residual: number;
  /** Bound on the relative error of γ from lossy codecs; 0 where all is stored in fp32. */
  readonly errorBound: number;
  readonly unit: ExplanationUnit;
  readonly stored: StoredKind;
  readonly target: string;
  readonly steps: StepInfluence;
  /** γ summed by epoch. */
  readonly timeline: readonly EpochInfluence[];
  readonly classes: readonly ClassShare[];
  readonly exampleSplit: ExampleSplit;
  /** The `top` examples of largest γ, largest first: they support the signal. */
  readonly examples: readonly ExampleInfluence[];
  /** The `top` examples of smallest γ, smallest first: they oppose it. */
  readonly opposing: readonly ExampleInfluence[];
}

export interface Explanation {
  /** Name of the run's folder. */
  readonly run: string;
  readonly example: ExamplePrediction;
  readonly layers: readonly LayerExplanation[];
}

/** Reads `representation`, `learned` or `margin:A:B`; null when it is none of these. */
export function parseTarget(text: string): ExplanationTarget | null {
  if (text === 'representation' || text === 'learned') return { kind: text };
  const margin = /^margin:(\d+):(\d+)$/.exec(text);
  if (!margin) return null;
  return { kind: 'margin', over: [Number(margin[1]), Number(margin[2])] };
}

/** The target in the words of the command line. */
export function targetName(target: ExplanationTarget): string {
  return target.kind === 'margin' ? `margin:${target.over[0]}:${target.over[1]}` : target.kind;
}
