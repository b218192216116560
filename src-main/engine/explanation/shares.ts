import type {
  ClassShare,
  ExampleInfluence,
  ExampleSplit,
  ExplanationUnit,
  StepRange,
} from '../../../src-shared/explanation/explanation';
import { areUpdates, type StepCoefficients } from '../optimizer';
import type { StepTable } from '../records';
import { type Credit, updatesOf } from './credit';
import type { LayerProducts } from './layer-pass';
import type { Participants } from './participants';
import { type Signal, shareOf } from './signal';
import { isPlain } from './update-norms';

/** The parts of a signal: everything in an explanation but the norms. */
export interface Parts {
  readonly gamma: Float64Array;
  readonly initialization: number;
  readonly ghost: number;
  readonly classes: readonly ClassShare[];
  readonly exampleSplit: ExampleSplit;
  /** γ of each participant in the range, all its steps together. */
  readonly influence: Float64Array;
  /** Of the examples that took part, those of largest γ in the range, the largest first. */
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
  /** The steps that influence of examples is summed over. */
  readonly range: StepRange;
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
  participants: Participants,
  request: PartsRequest,
): Parts {
  const { signal, unit, coefficients, credit, range } = request;
  const credited = (values: Float64Array): Float64Array =>
    values.map((value, t) => -(credit.gradients[t] as number) * value);
  const [gamma, ghost] =
    unit === 'credit'
      ? [credited(products.gradient), credited(products.ghost)]
      : [
          updatesOf(products.gradient, signal.initial, coefficients),
          updatesOf(products.ghost, 0, coefficients),
        ];
  const { labels, classes } = participants;
  const batches = participants.batches.slice(0, steps.count);
  // One example a step: both splits give it everything.
  const alone = batches.every((batch) => batch.length === 1);
  const rowsExist =
    (alone || products.rows.length > 0) &&
    !coefficients.some(areUpdates) &&
    (unit === 'credit' || coefficients.every(isPlain));
  const split: ExampleSplit = rowsExist ? (alone ? 'exact' : request.split) : 'equal';

  const influence = new Float64Array(participants.countAfter(steps.count));
  const classSums = new Float64Array(classes);
  const classSteps = new Int32Array(classes);
  /** The last step a class was seen in. */
  const seen = new Int32Array(classes).fill(-1);
  for (let t = 0; t < steps.count; t++) {
    const batch = batches[t] as Int32Array;
    const rest = (gamma[t] as number) - (ghost[t] as number);
    const rows = split === 'exact' ? products.rows[t] : undefined;
    const factor = -(credit.gradients[t] as number);
    const within = t >= range.from && t < range.to;
    const mixes = steps.label[t] === -1;
    for (let i = 0; i < batch.length; i++) {
      const place = batch[i] as number;
      const part = rows ? factor * (rows[i] as number) : rest / batch.length;
      const label = labels[place] as number;
      if (within) influence[place] = (influence[place] as number) + part;
      if (seen[label] !== t) classSteps[label] = (classSteps[label] as number) + 1;
      seen[label] = t;
      if (mixes) classSums[label] = (classSums[label] as number) + part;
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
    influence,
    examples: strongest(influence, participants, request.top, 1),
    opposing: strongest(influence, participants, request.top, -1),
  };
}

/**
 * The examples of largest γ, the largest first; with sign −1 those of smallest γ. Of equal ones the
 * lower index comes first, with sign −1 last.
 */
function strongest(
  influence: Float64Array,
  { indices, labels }: Participants,
  top: number,
  sign: 1 | -1,
): ExampleInfluence[] {
  const comesBefore = (a: number, b: number): number =>
    sign * ((influence[b] as number) - (influence[a] as number)) ||
    sign * ((indices[a] as number) - (indices[b] as number));
  const places =
    top * keepSorted < influence.length
      ? firstOf(influence.length, top, comesBefore)
      : Array.from(influence.keys()).sort(comesBefore).slice(0, top);
  return places.map((place) => ({
    index: indices[place] as number,
    label: labels[place] as number,
    gamma: influence[place] as number,
  }));
}

/** The first `top` of the numbers below `count` in an order, without sorting all of them. */
function firstOf(
  count: number,
  top: number,
  comesBefore: (a: number, b: number) => number,
): number[] {
  const kept: number[] = [];
  for (let place = 0; place < count && top > 0; place++) {
    if (kept.length === top && comesBefore(kept[top - 1] as number, place) < 0) continue;
    let at = kept.length;
    while (at > 0 && comesBefore(place, kept[at - 1] as number) < 0) at--;
    kept.splice(at, 0, place);
    if (kept.length > top) kept.pop();
  }
  return kept;
}

/** Of one in so many, keeping the first in order costs less than sorting all. */
const keepSorted = 16;
