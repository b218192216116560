import type {
  ExampleSplit,
  Explanation,
  ExplanationTarget,
  ExplanationUnit,
  StepRange,
} from '../explanation/explanation';
import type { RidgePlot } from '../explanation/ridge';
import type { StepCourse } from '../explanation/timeline';
import type { LayerSpec } from '../model/layer-spec';
import type { TracedKind } from '../model/resolved';
import type { PrivacyMode } from '../privacy/review';
import type { Recipe } from '../recipe/recipe';

/** View models: what the window gets to see. Never a tensor, never a path it could open. */

export interface DataSetInfo {
  readonly name: string;
  readonly title: string;
  readonly examples: { readonly train: number; readonly test: number };
  /** Shape of one example, [height, width, channels] or [features]. */
  readonly shape: readonly number[];
  readonly classNames: readonly string[];
  /** SHA-256 over the examples; null until it has been read once. */
  readonly fingerprint: string | null;
  /** Whether its files lie here already or would be fetched on first use. */
  readonly available: boolean;
  readonly licence: string;
  /** The format that it was imported from; null where it is known by itself. */
  readonly importedFrom: string | null;
}

export interface ModelInfo {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly layers: readonly LayerSpec[];
  /** Weights at the input shape and class count it was asked for. */
  readonly parameters: number;
  readonly tracedLayers: readonly TracedLayerInfo[];
}

export interface TracedLayerInfo {
  readonly name: string;
  readonly kind: TracedKind;
  /** Rows of the flattened kernel, the bias row included. */
  readonly rows: number;
  readonly columns: number;
}

export type RunState = 'unfinished' | 'finished' | 'damaged';

export interface RunSummary {
  readonly id: string;
  readonly name: string;
  readonly data: string;
  readonly model: string;
  readonly recording: string;
  readonly state: RunState;
  readonly steps: number;
  readonly stepsPlanned: number;
  readonly bytes: number;
  readonly testAccuracy: number | null;
  readonly createdAt: string;
  /** Whether a process is writing it now. */
  readonly recordingNow: boolean;
  /** `aggregates`: its owner keeps it to aggregates, and only its release can be shown. */
  readonly mode: PrivacyMode;
  /** Why it can't be opened now, where that is so: one sentence. */
  readonly problem?: string;
}

/** A run opened for explanation. */
export interface RunDetail extends RunSummary {
  readonly recipe: Recipe;
  readonly classNames: readonly string[];
  readonly exampleShape: readonly number[];
  readonly layers: readonly TracedLayerInfo[];
  readonly examples: { readonly train: number; readonly test: number };
  readonly fingerprint: string;
  readonly versions: Readonly<Record<string, string>>;
  /** What the bits of the recording depend on: backend, device, threads, settings. */
  readonly engine: Readonly<Record<string, string | number | boolean>>;
  /** Steps of the loss and accuracy curves, thinned for drawing. */
  readonly metrics: {
    readonly step: number[];
    readonly loss: number[];
    readonly accuracy: number[];
  };
}

/** What a recording will take, measured on trial steps. */
export interface CostEstimate {
  readonly steps: number;
  readonly trialSteps: number;
  readonly secondsPerStep: number;
  readonly seconds: { readonly low: number; readonly high: number };
  readonly bytesPerStep: number;
  readonly bytes: { readonly low: number; readonly high: number };
  readonly freeBytes: number;
  readonly parameters: number;
}

export type ExampleFilter = 'all' | 'misclassified' | 'correct';

/** A page of a split's examples that pass a filter. */
export interface ExamplesQuery {
  readonly split: 'train' | 'test';
  readonly filter: ExampleFilter;
  readonly offset: number;
  readonly count: number;
}

export interface ExampleTile {
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** Probability of the predicted class. */
  readonly confidence: number;
}

export interface ExamplePage {
  readonly total: number;
  readonly offset: number;
  readonly tiles: readonly ExampleTile[];
}

/** An example's picture: 8-bit grey (1 channel) or RGB (3), row by row. */
export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** A value of an example that is a row of a table, as words. */
export interface Cell {
  readonly column: string;
  readonly value: string;
}

export interface ExplainRequest {
  readonly split: 'train' | 'test';
  readonly index: number;
  /** Layer names; null: every traced layer. */
  readonly layers: readonly string[] | null;
  readonly target: ExplanationTarget;
  readonly unit: ExplanationUnit;
  /** `exact` only where the run keeps each example's part; null: exact where it is, else equal. */
  readonly exampleSplit: ExampleSplit | null;
  readonly top: number;
  /** The steps that ridges and examples speak of; null: all. Shares and certificate are of all. */
  readonly range: StepRange | null;
}

/** An explanation with its ridge plots, one per layer, in the layers' order. */
export interface ExplanationView extends Explanation {
  readonly course: StepCourse;
  readonly ridges: readonly RidgePlot[];
}

/** What is there on this machine, as `deltascope doctor` prints it. */
export interface SystemDescription {
  readonly version: string;
  readonly checks: readonly SystemCheck[];
}

export interface SystemCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about a lack. */
  readonly advice?: string;
}
