import type {
  ClassShare,
  ExampleInfluence,
  ExampleSplit,
  ExplanationUnit,
} from '../../../src-shared/explanation/explanation';
import { areUpdates, type StepCoefficients } from '../optimizer';
import type { StepTable } from '../records';
import { type Credit, updatesOf } from './credit';
import type { LayerProducts } from './layer-pass';
import { type Signal, shareOf } from './signal';
import { isPlain } from './update-norms';

/** Which training examples took part, and their classes. */
export interface TrainingExamples {
  /** The batch of each step, ghosts left out. */
  readonly batches: readonly Int32Array[];
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/** The parts of a signal: everything in an explanation but the norms. */
export interface Parts {
  readonly gamma: Float64Array;
  readonly initialization: number;
  readonly ghost: number;
  readonly classes: readonly ClassShare[];
  readonly exampleSplit: ExampleSplit;
  /** Of the examples that took part, those of largest γ, the largest first. */
  readonly examples: readonly ExampleInfluence[];
  /** Those of smallest γ, the smallest first. */
  readonly opposing: readonly ExampleInfluence[];
}

export interface PartsRequest {
  readonly signal: Signal;
  readonly learned: boolean;
  readonly unit: ExplanationUnit;
  readonly coefficients: readonly StepCoefficients[];
  readonly credit: Credit;
  /** Exact only where rows of an update exist. */
  readonly split: ExampleSplit;
  /** How many examples to name at either end. */
  readonly top: number;
}

/**
 * Books every step's γ to initialization, ghosts, classes and examples so that with the residual
 * they add up to the whole.
 *
 * Rows of an update exist only where Δ_t = −η_t g_t. Under momentum or decay the unit `update`
 * therefore spreads a step's γ, ghosts left out, evenly over the examples of the step that applied
 * it; the unit `credit` books each row by its own gradient. Stored updates (Adam, SAM) belong to the
 * step that applied them, in both units.
 */
export function partsOf(
  products: LayerProducts,
  steps: Pick<StepTable, 'count' | 'label'>,
  examples: TrainingExamples,
  request: PartsRequest,
): Parts {
  const { signal, unit, coefficients, credit } = request;
  const credited = (values: Float64Array): Float64Array =>
    values.map((value, t) => -(credit.gradients[t] as number) * value);
  const [gamma, ghost] =
    unit === 'credit'
      ? [credited(products.gradient), credited(products.ghost)]
      : [
          updatesOf(products.gradient, signal.initial, coefficients),
          updatesOf(products.ghost, 0, coefficients),
        ];
  // One example a step: both splits give it everything.
  const alone = examples.batches.every((batch) => batch.length === 1);
  const rowsExist =
    (alone || products.rows.length > 0) &&
    !coefficients.some(areUpdates) &&
    (unit === 'credit' || coefficients.every(isPlain));
  const split: ExampleSplit = rowsExist ? (alone ? 'exact' : request.split) : 'equal';

  const influence = new Float64Array(examples.labels.length);
  const tookPart = new Uint8Array(examples.labels.length);
  const classSums = new Float64Array(examples.classes);
  const classSteps = new Int32Array(examples.classes);
  /** The last step a class was seen in. */
  const seen = new Int32Array(examples.classes).fill(-1);
  for (let t = 0; t < steps.count; t++) {
    const batch = examples.batches[t] as Int32Array;
    const rest = (gamma[t] as number) - (ghost[t] as number);
    const rows = split === 'exact' ? products.rows[t] : undefined;
    const factor = -(credit.gradients[t] as number);
    for (let i = 0; i < batch.length; i++) {
      const index = batch[i] as number;
      const part = rows ? factor * (rows[i] as number) : rest / batch.length;
      const label = Number(examples.labels[index]);
      influence[index] = (influence[index] as number) + part;
      tookPart[index] = 1;
      if (seen[label] !== t) classSteps[label] = (classSteps[label] as number) + 1;
      seen[label] = t;
      if (steps.label[t] === -1) classSums[label] = (classSums[label] as number) + part;
    }
    const label = steps.label[t] as number;
    if (label >= 0) classSums[label] = (classSums[label] as number) + rest;
  }

  const kept = unit === 'credit' ? credit.initialization : 1;
  return {
    gamma,
    initialization: (kept - (request.learned ? 1 : 0)) * signal.initial,
    ghost: ghost.reduce((sum, value) => sum + value, 0),
    classes: Array.from(classSums, (sum, label) => ({
      label,
      share: shareOf(sum, signal.total),
      steps: classSteps[label] as number,
    })),
    exampleSplit: split,
    ...ranked(influence, tookPart, examples.labels, request.top),
  };
}

/** The two ends of the examples that took part, without sorting all of them as objects. */
function ranked(
  influence: Float64Array,
  tookPart: Uint8Array,
  labels: ArrayLike<number>,
  top: number,
): Pick<Parts, 'examples' | 'opposing'> {
  const sorted = influence.filter((_, index) => tookPart[index]).sort();
  const most = Math.min(top, sorted.length);
  const least = sorted[sorted.length - most] ?? Number.POSITIVE_INFINITY;
  const greatest = sorted[most - 1] ?? Number.NEGATIVE_INFINITY;
  const chosen = (isWanted: (gamma: number) => boolean): ExampleInfluence[] => {
    const list: ExampleInfluence[] = [];
    for (const [index, gamma] of influence.entries()) {
      if (tookPart[index] && isWanted(gamma)) {
        list.push({ index, label: Number(labels[index]), gamma });
      }
    }
    return list.sort((a, b) => b.gamma - a.gamma || a.index - b.index);
  };
  return {
    examples: chosen((gamma) => gamma >= least).slice(0, most),
    opposing: chosen((gamma) => gamma <= greatest)
      .reverse()
      .slice(0, most),
  };
}
