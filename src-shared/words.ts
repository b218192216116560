import type { LayerFlag } from './architecture/architecture';
import type { ExplanationUnit } from './explanation/explanation';
import type { RidgeUnits } from './explanation/ridge';

/**
 * What the numbers mean, in the words that the window and the report share. A word is changed
 * here or nowhere.
 */

/** Captions of the numbers, whatever the unit. */
const common = {
  cos: 'cos: direction only: 1 same, 0 unrelated, −1 opposite.',
  share:
    'Share: part of the signal’s squared length. Parts can be negative; with the residual they sum to 100 %.',
  shareOfMargin:
    'Share: part of score A minus score B. Parts can be negative; with the residual they sum to 100 %.',
  initializationTaken:
    'Initialization: what weight decay took from the random start weights, with today’s layer inputs.',
  ghost:
    'Ghost samples: part that flowed through the batch statistics of the ghost samples; it is counted for no class.',
  residual:
    'Residual: what rounding left unexplained. Complete if below the limit fixed before the run.',
  residualShare:
    'The row Residual closes the sum of the shares; the certificate’s residual is a length, ‖z − parts‖ / ‖z‖.',
  specificity:
    'Specificity: how often an update of the predicted class has a higher cos than one of another class, beside what chance would give: 0.5 where steps weigh alike. Only retraining tests whether a layer is needed.',
  specificityOfExamples:
    'Specificity: how often a training example of the predicted class has more influence than one of another class, beside what chance would give, since steps of this run mix classes. Only retraining tests whether a layer is needed.',
  ridgeOfExamples:
    'Each row is one class: the shares of its training examples, as a density in which each weighs the same, since steps of this run mix classes. The axis is even near 0 and closer the further out, so that small shares are told apart. Rows share one height scale.',
  layerFlags:
    'separated: every class stands out already; in planted cases such layers could be left out. uniform: no class stands out beyond chance; in planted cases such layers were needed more often than not. frozen: it was not trained, so its updates, of which there are none, say nothing. not recorded: its updates were not kept, so nothing can be said of them.',
  startedAnew:
    'The given weights do not fit the network without these layers: all its layers, frozen ones too, begin anew from the seed. So the two networks differ in more than their depth.',
  frozen:
    'Frozen: this layer was not trained. Its weights are those it started with, so all of its signal is initialization, and no step, class or example has any part in it.',
  frozenLearned: 'Nothing was learned here, so that there are no parts.',
  oneSeed: 'It is one training of each: other seeds are not in it.',
  timeline:
    'Lines: Σγ of the steps so far, by class. Bars: γ of single steps. Both as shares, ghost samples included.',
  timelineMixed:
    'Line: Σγ of the steps so far, whose batches mix classes. Bars: γ of single steps. Both as shares.',
  resumed: 'Dashed: the recording was interrupted here and went on from what was saved.',
  splitExact: 'An example’s γ is the sum over its own rows of each step’s gradient (exact split).',
  splitEqual: 'An example’s γ is its equal part of each step’s γ (equal split).',
  splitUpdates:
    'This optimizer’s updates are recorded as they were applied: each counts for the step that applied it, with all that it carries on from earlier steps. An example’s γ is its equal part of that.',
} as const;

/** Captions that name what a step counts for. */
const byUnit = {
  update: {
    gamma:
      'γ: positive: this update adds to the signal the layer has now. Negative: it works against it. Larger size: larger part.',
    initialization:
      'Initialization: part from the random start weights, with today’s layer inputs.',
    margin: 'A over B: how each update adds to score A minus score B.',
    ridge:
      'Each row is one class: where its updates point, as a density of cos weighted by the length of the update at this input, ‖Δf‖. Rows share one height scale.',
  },
  credit: {
    gamma:
      'γ: positive: this step’s gradient, with its weight in the final weights, adds to the signal the layer has now. Negative: it works against it. Larger size: larger part.',
    initialization:
      'Initialization: part from what weight decay has left of the random start weights, with today’s layer inputs.',
    margin:
      'A over B: how each step’s gradient, with its weight in the final weights, adds to score A minus score B.',
    ridge:
      'Each row is one class: where its gradients point, as a density of cos weighted by the length of the gradient’s part at this input, ‖cgf‖. Rows share one height scale.',
  },
} as const;

/** Captions of the numbers in a unit. */
export const captions = {
  update: { ...common, ...byUnit.update },
  credit: { ...common, ...byUnit.credit },
} as const;

/** A caption's term, before its first colon, and what is said of it, as a sentence. */
export function termOf(caption: string): readonly [string, string] {
  const at = caption.indexOf(': ');
  const said = caption.slice(at + 2);
  return [caption.slice(0, at), said.charAt(0).toUpperCase() + said.slice(1)];
}

/** What a layer's steps count for: of stored updates there is no other unit. */
export function unitOf(layer: {
  readonly unit: ExplanationUnit;
  readonly stored: 'gradient' | 'update';
}): ExplanationUnit {
  return layer.stored === 'update' ? 'update' : layer.unit;
}

/** What the rows of a ridge plot are. */
export function ridgeCaption(over: RidgeUnits, unit: ExplanationUnit): string {
  return over === 'steps' ? byUnit[unit].ridge : common.ridgeOfExamples;
}

/** How γ was spread over examples, of a layer in either form. */
export function splitCaption(layer: {
  readonly exampleSplit: 'equal' | 'exact';
  readonly stored: 'gradient' | 'update';
}): string {
  if (layer.exampleSplit === 'exact') return common.splitExact;
  return layer.stored === 'update' ? common.splitUpdates : common.splitEqual;
}

/** Stands under every result. */
export const doesNotSay =
  'This describes what the present value is made of. It does not say what would have happened without these examples, nor that an example is wrong.';

/** What the method does not claim, as the report lists it. */
export const nonClaims = [
  doesNotSay,
  'γ is not a prediction of retraining: removing an example and training again may change the result more, less, or otherwise than its γ suggests.',
  'Shares belong to one layer and one input. They are not a property of the class, and shares of different layers are not parts of one sum.',
  'Contributions are measured with the layer’s inputs in the final network. They do not repeat what the layer saw while it was trained.',
  'A layer’s pre-activation is taken apart, not the decision as a whole. What later layers make of it is seen in the later layers.',
] as const;

export const recordingNames = {
  single: 'single example a step (Alg. 1)',
  'class-batches': 'class batches with ghost samples (Alg. 2)',
  'mini-batches': 'shuffled mini-batches, exact credit per example',
} as const;

export const targetNames = {
  representation: 'Representation',
  learned: 'Learned part',
  margin: 'A over B',
} as const;

export const targetCaptions = {
  representation: 'z, the layer’s whole pre-activation.',
  learned: 'z − W₀f, what training put there.',
  margin: 'Score A minus score B at the output layer.',
} as const;

export const unitNames = { update: 'Update', credit: 'Credit' } as const;

export const unitCaptions = {
  update:
    'Each step counts for the update that it applied, with the momentum and decay that it carries on from earlier steps.',
  credit:
    'Each step counts for its own gradient, with the weight that it has in the final weights.',
} as const;

/** Why there is no choice of units, where there is none. */
export const oneUnit = {
  gradient:
    'This run has neither momentum nor weight decay: an update is its step’s own gradient, and both units are the same.',
  update: 'This run’s updates are recorded as they were applied: there is no other unit.',
} as const;

/** What is said of a layer's updates, in a word or two. */
export const flagNames: Readonly<Record<LayerFlag, string>> = {
  uniform: 'uniform',
  separated: 'separated',
  frozen: 'frozen',
  unrecorded: 'not recorded',
};

/** The halves of a data set. */
export const splitNames = { train: 'Training', test: 'Test' } as const;

/** The two privacy modes of the design. */
export const modeNames = { examples: 'Examples', aggregates: 'Aggregates only' } as const;
