import type {
  ClassShare,
  ExampleSplit,
  ExplanationUnit,
} from '../../../src-shared/explanation/explanation';
import { areUpdates, type StepCoefficients } from '../optimizer';
import type { StepTable } from '../records';
import { type Credit, updatesOf } from './credit';
import { ExampleParts } from './example-parts';
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
  readonly exampleParts: ExampleParts;
}

export interface PartsRequest {
  readonly signal: Signal;
  readonly learned: boolean;
  readonly unit: ExplanationUnit;
  readonly coefficients: readonly StepCoefficients[];
  readonly credit: Credit;
  /** Exact only where rows of an update exist. */
  readonly split: ExampleSplit;
  /** Whether no step could move the layer. */
  readonly frozen: boolean;
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
  const { labels, classes } = participants;
  const batches = participants.batches.slice(0, steps.count);
  // One example a step: both splits give it everything.
  const alone = batches.every((batch) => batch.length === 1);
  const rowsExist =
    (alone || products.rows.length > 0) &&
    !coefficients.some(areUpdates) &&
    (unit === 'credit' || coefficients.every(isPlain));
  const split: ExampleSplit = rowsExist ? (alone ? 'exact' : request.split) : 'equal';

  const exampleParts = new ExampleParts(
    {
      rest: gamma.map((value, t) => value - (ghost[t] as number)),
      rows: products.rows,
      factors: credit.gradients.subarray(0, steps.count).map((gradient) => -gradient),
      frozen: request.frozen,
    },
    participants,
    split,
  );
  const classSums = new Float64Array(classes);
  const classSteps = participants.classSteps(steps.count);
  for (let t = 0; t < steps.count; t++) {
    const batch = batches[t] as Int32Array;
    // A step of one class is that class's whole.
    const mixes = steps.label[t] === -1;
    for (let i = 0; mixes && i < batch.length; i++) {
      const label = labels[batch[i] as number] as number;
      classSums[label] = (classSums[label] as number) + exampleParts.part(t, i, batch.length);
    }
    const label = steps.label[t] as number;
    if (label >= 0) {
      classSums[label] = (classSums[label] as number) + (gamma[t] as number) - (ghost[t] as number);
    }
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
    exampleParts,
  };
}
