import type {
  ClassSpecificity,
  LayerFlag,
  Specificity,
} from '../../../src-shared/architecture/architecture';

/** What was found of one layer. */
export interface Finding {
  /** Whether its updates moved the signal of any example. */
  readonly alive: boolean;
  /** Mean over the classes. */
  readonly whole: Specificity;
  readonly classes: readonly ClassSpecificity[];
}

export interface Verdict {
  readonly flag: LayerFlag | null;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Half the width of a band beyond which it tells nothing: a layer that lies inside may be that
 * specific all the same.
 */
const widestBand = 0.1;
/** Specificity to every class from which on a hidden layer counts as telling them apart. */
const apart = 0.7;

/**
 * What a layer's specificity hints at. How often the hints are right was measured on planted cases:
 * docs/method.md.
 *
 * @param removable whether the layer could be left out; the output layer can't
 */
export function verdict({ alive, whole, classes }: Finding, removable: boolean): Verdict {
  if (!removable) return { flag: null, reason: 'It gives the logits and cannot be left out.' };
  if (!alive) {
    return {
      flag: 'uniform',
      reason: `Its updates change nothing at any of these examples; ${onlyRetraining}.`,
    };
  }
  const [low, high] = whole.band;
  const value = whole.specificity.toFixed(3);
  const band = `${low.toFixed(3)} to ${high.toFixed(3)}`;
  const least = Math.min(...classes.map(({ specificity }) => specificity));
  if (!whole.inside && least >= apart) {
    return {
      flag: 'separated',
      reason: `Its updates tell every class apart already (${least.toFixed(3)} or more); ${onlyRetraining}.`,
    };
  }
  if (!whole.inside) {
    return {
      flag: null,
      reason: `Its updates differ between classes: ${value}, by chance ${band}.`,
    };
  }
  if ((high - low) / 2 > widestBand) {
    return {
      flag: null,
      reason: `Undecided: ${value}, but so few steps weigh anything that chance reaches ${band}.`,
    };
  }
  return {
    flag: 'uniform',
    reason: `Its updates are uniform over the classes: ${value}, by chance ${band}; ${onlyRetraining}.`,
  };
}

const onlyRetraining = 'only retraining tests whether the layer is needed';
