import type { ExplanationUnit } from '../explanation/explanation';
import type { TracedKind } from '../model/resolved';
import type { RuleId } from './rules';

/**
 * A release: the one file of aggregates that may leave a run (docs/release-format.md). It holds
 * nothing of single examples, and every view of it is made from it alone.
 */
export interface Release {
  readonly format: 'deltascope-release';
  readonly version: 1;
  /** What the file is and how it is read, for whoever opens it without Deltascope. */
  readonly readme: readonly string[];
  readonly run: ReleasedRun;
  readonly sample: ReleasedSample;
  /** The rules in force, with their thresholds. */
  readonly rules: readonly AppliedRule[];
  /** Null: no noise was added. */
  readonly noise: AppliedNoise | null;
  /** Only approved ones. */
  readonly outputs: readonly ReleaseOutput[];
  /** Outputs that are not in the file, and why. */
  readonly withheld: readonly WithheldOutput[];
  readonly decision: ReleaseDecision;
}

/** What was trained on what, without a path, a seed or an exact count. */
export interface ReleasedRun {
  /** Name of the run's folder. */
  readonly name: string;
  /** Name of the data set; of a file only its own. */
  readonly data: string;
  /** Name of the preset, or 'own layers'. */
  readonly model: string;
  readonly recording: string;
  readonly optimizer: string;
  readonly epochs: number;
  readonly classNames: readonly string[];
  readonly layers: readonly ReleasedLayer[];
  readonly parameters: number;
  /** Rounded. */
  readonly examples: { readonly train: number; readonly test: number };
  /** Day of the recording, YYYY-MM-DD. */
  readonly recordedOn: string;
  readonly deltascope: string;
  /**
   * SHA-256(salt ‖ hash) of three SHA-256s, as hex. The salt stays with the run: its owner can prove
   * what the release was made from, and nobody can try out guesses of the data against it.
   */
  readonly commitments: {
    /** Of the final weights. */
    readonly model: string;
    /** Of the data's fingerprint. */
    readonly data: string;
    /** Of the list of all files of the run with their SHA-256s. */
    readonly trace: string;
  };
}

export interface ReleasedLayer {
  readonly name: string;
  readonly kind: TracedKind;
  readonly rows: number;
  readonly columns: number;
  /** Whether it was not trained: all of it is initialization, and no output lists it. */
  readonly frozen: boolean;
  /** Given where it was trained and its updates were not kept: no output lists it. */
  readonly unrecorded?: boolean | undefined;
}

/** The examples that were asked: a secret random half of the split, drawn anew for every release. */
export interface ReleasedSample {
  readonly split: 'train' | 'test';
  /** Examples that accuracy and confusion are of; rounded. */
  readonly predicted: number;
  /** Examples among them that were explained, evenly over the predicted classes; rounded. */
  readonly explained: number;
}

export interface AppliedRule {
  readonly rule: RuleId;
  readonly words: string;
  readonly threshold: number;
}

/** Laplace noise of scale sensitivity / ε on every number; it is drawn once and frozen. */
export interface AppliedNoise {
  readonly kind: 'laplace';
  /** Of a single number. */
  readonly epsilon: number;
  /** Of all numbers that one sampled example is behind, by adding up (basic composition). */
  readonly total: number;
  /** What it protects and what not. */
  readonly words: string;
}

/** A number, or the rule for which it is kept back. */
export type ReleasedNumber = number | Suppressed;

export interface Suppressed {
  readonly suppressed: RuleId;
}

export function isSuppressed(value: ReleasedRate): value is Suppressed {
  return typeof value === 'object' && 'suppressed' in value;
}

/** A proportion; a bound where one of the sides rests on too few examples. */
export type ReleasedRate =
  | ReleasedNumber
  | { readonly atLeast: number }
  | { readonly atMost: number };

export const outputKinds = [
  'accuracy',
  'confusion',
  'class-shares',
  'specificity',
  'cos-histograms',
  'timeline',
  'certificate',
] as const;

export type OutputKind = (typeof outputKinds)[number];

/** One thing that may be released; `kind` is its id too, as there is one of each. */
export type ReleaseOutput = { readonly [Kind in OutputKind]: OutputOf<Kind> }[OutputKind];

export interface OutputOf<Kind extends OutputKind> {
  readonly kind: Kind;
  readonly title: string;
  /** What the numbers mean: one or two sentences. */
  readonly caption: string;
  readonly check: OutputCheck;
  readonly content: OutputContents[Kind];
}

/** What the rules say of an output. */
export interface OutputCheck {
  /**
   * `pass`: what is shown keeps every rule. `review`: it does, and there is something that no rule can
   * judge. `fail`: nothing of it may be shown.
   */
  readonly state: 'pass' | 'review' | 'fail';
  /** The rule that failed or kept most back; null where none did. */
  readonly rule: RuleId | null;
  /** Why it is in this state: one sentence. */
  readonly reason: string;
  /** What to do about it; '' where there is nothing to do. */
  readonly fix: string;
  /** Numbers in it, kept back or not. */
  readonly cells: number;
  /** How many are kept back for which rule. */
  readonly suppressed: readonly { readonly rule: RuleId; readonly cells: number }[];
}

export interface OutputContents {
  readonly accuracy: {
    readonly overall: ReleasedRate;
    readonly classes: readonly {
      readonly label: number;
      readonly examples: ReleasedNumber;
      readonly accuracy: ReleasedRate;
    }[];
  };
  readonly confusion: {
    /** Examples, [true class][predicted class]. */
    readonly counts: readonly (readonly ReleasedNumber[])[];
  };
  readonly 'class-shares': {
    readonly unit: ExplanationUnit;
    readonly layers: readonly {
      readonly layer: string;
      readonly rows: readonly ShareRow[];
    }[];
  };
  readonly specificity: {
    readonly unit: ExplanationUnit;
    /** What is compared: steps by cos, or, where steps mix classes, training examples by influence. */
    readonly over: 'steps' | 'examples';
    /** Permutations behind the band, and the share of them that lies in it. */
    readonly permutations: number;
    readonly level: number;
    readonly layers: readonly {
      readonly layer: string;
      /** Over all classes; null where it is kept back. */
      readonly whole: BandedNumber | null;
      readonly classes: readonly (BandedNumber & {
        readonly label: number;
      })[];
    }[];
  };
  readonly 'cos-histograms': {
    readonly unit: ExplanationUnit;
    readonly layers: readonly {
      readonly layer: string;
      readonly histograms: readonly CosHistogram[];
    }[];
  };
  readonly timeline: {
    readonly unit: ExplanationUnit;
    readonly layers: readonly {
      readonly layer: string;
      readonly initialization: ReleasedNumber;
      readonly epochs: readonly {
        /** From 1. */
        readonly epoch: number;
        /** Initialization and all epochs up to this one, as a share. */
        readonly reached: ReleasedNumber;
      }[];
    }[];
  };
  readonly certificate: {
    readonly layers: readonly {
      readonly layer: string;
      /** Mean over the sample of ‖z − parts‖ / ‖z‖, to one digit, rounded up. */
      readonly residual: ReleasedNumber;
      /** Bound on the relative error of γ from how the trace is stored; 0: no loss. */
      readonly errorBound: number;
    }[];
  };
}

/** Mean shares of a layer's signal over the sampled examples that are predicted as one class. */
export interface ShareRow {
  readonly predicted: number;
  /** Rounded. */
  readonly examples: number;
  readonly initialization: ReleasedNumber;
  readonly ghost: ReleasedNumber;
  /** One a class. */
  readonly shares: readonly ReleasedNumber[];
}

/** A number with the band in which chance would leave it. */
export interface BandedNumber {
  readonly value: ReleasedNumber;
  readonly band: readonly [number, number];
}

/** How cos_t is spread over the sampled examples that are predicted as one class. */
export interface CosHistogram {
  readonly predicted: number;
  /** `own`: steps of the predicted class; `other`: of other classes; `all`: where steps mix classes. */
  readonly steps: 'own' | 'other' | 'all';
  readonly edges: readonly number[];
  /**
   * Pairs of a step and an example, one number a bin: parts of the pairs in the bins that are shown,
   * adding up to 1, so that nothing tells how many are in the others.
   */
  readonly shares: readonly ReleasedNumber[];
}

export interface WithheldOutput {
  readonly kind: OutputKind;
  readonly title: string;
  /** `failed`: by the rules; `rejected`: by who decided. */
  readonly because: 'failed' | 'rejected';
  /** The rule's sentence, or the reason that was given. */
  readonly reason: string;
}

/** Who decided. Names are declared, not authenticated. */
export type ReleaseDecision =
  | { readonly by: 'rules'; readonly on: string }
  | {
      readonly by: 'checker';
      readonly author: string;
      readonly checker: string;
      readonly comment: string;
      /** YYYY-MM-DD */
      readonly on: string;
    };
