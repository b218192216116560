import type { ErrorReport } from '../errors';
import type {
  ExampleInfluence,
  ExamplePrediction,
  ExampleSplit,
  Explanation,
  ExplanationTarget,
  ExplanationUnit,
  LayerExplanation,
  StepRange,
} from '../explanation/explanation';
import type { RidgePlot } from '../explanation/ridge';
import type { StepCourse } from '../explanation/timeline';
import type { TimelineDrawing } from '../explanation/timeline-drawing';
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
  /** Whether training leaves its weights as they start, so that nothing of it is recorded. */
  readonly frozen: boolean;
  /** Given where it was trained and the recipe left it out of recording: nothing can be said of it. */
  readonly unrecorded?: boolean;
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
  /** Why it can't be opened now, where that is so. */
  readonly problem?: Pick<ErrorReport, 'code' | 'message'>;
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
  /** Steps before which the recording was interrupted, and went on from what was saved. */
  readonly resumed: readonly number[];
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
  /** What each recorded layer takes of them. */
  readonly layers: readonly { readonly name: string; readonly bytesPerStep: number }[];
  readonly freeBytes: number;
  /** Memory that the whole application held at most during the trial. */
  readonly memoryBytes: number;
  readonly parameters: number;
}

/** `suspects`: those that are misclassified, the ones first of whose other class the network is surest. */
export const exampleFilters = ['misclassified', 'suspects', 'correct', 'all'] as const;

export type ExampleFilter = (typeof exampleFilters)[number];

/** Which examples of a split are listed. */
export interface ExamplesFilter {
  readonly split: 'train' | 'test';
  readonly filter: ExampleFilter;
  /** Only those of this class; null: of any. */
  readonly label: number | null;
  /** Only those that the final network takes for this class; null: for any. */
  readonly predicted: number | null;
}

/** A page of a split's examples that pass a filter. */
export interface ExamplesQuery extends ExamplesFilter {
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

/** What is to be explained: an example of the data set, or a picture from outside. */
export interface ExplainQuestion {
  readonly request: ExplainRequest;
  /**
   * A picture file in place of the request's example: an opaque id in the window, a path where it is
   * read; null: the request's example.
   */
  readonly picture: string | null;
}

/** An explanation with its ridge plots, one per layer, in the layers' order. */
export interface ExplanationView extends Explanation {
  readonly course: StepCourse;
  readonly ridges: readonly RidgePlot[];
}

/** A layer's explanation without its single steps. */
export type LayerSummary = Omit<LayerExplanation, 'steps'>;

/** An explanation as the window shows it; single steps stay where they were worked out. */
export interface ExplanationSummary {
  /** Name of the run's folder. */
  readonly run: string;
  /** Its label is −1 where a picture from outside is explained. */
  readonly example: ExamplePrediction;
  readonly layers: readonly LayerSummary[];
  readonly detail: LayerDetail;
  /** What the network saw of a picture from outside. */
  readonly picture: Thumbnail | null;
  readonly stepsRead: number;
}

/** One layer over a range of steps. */
export interface LayerDetail {
  readonly layer: string;
  readonly range: StepRange;
  /** All steps of the run. */
  readonly steps: number;
  /** Of every layer, over the range. */
  readonly ridges: readonly RidgePlot[];
  /** Training examples of largest γ over the range, largest first. */
  readonly examples: readonly ExampleInfluence[];
  /** Those of smallest γ, smallest first. */
  readonly opposing: readonly ExampleInfluence[];
  readonly timeline: TimelineDrawing;
}

/** The steps that a training example took part in. */
export interface ExampleSteps {
  readonly index: number;
  readonly steps: readonly {
    readonly step: number;
    /** From 1. */
    readonly epoch: number;
    readonly gamma: number;
  }[];
}

/** Training examples that stand out in two explanations at one layer. */
export interface ExampleComparison {
  /** Support both: by the smaller of the two shares, the largest first. */
  readonly both: readonly SharedInfluence[];
  /** Tell them apart: by the difference of the two shares, the largest first. */
  readonly apart: readonly SharedInfluence[];
}

export interface SharedInfluence {
  readonly index: number;
  readonly label: number;
  /** Its share of either explanation's signal. */
  readonly shares: readonly [number, number];
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
