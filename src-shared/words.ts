/**
 * What the numbers mean, in the words that the window and the report share. A word is changed
 * here or nowhere.
 */

/** Captions of the numbers. */
export const captions = {
  gamma:
    'γ: positive: this update adds to the signal the layer has now. Negative: it works against it. Larger size: larger part.',
  cos: 'cos: direction only: 1 same, 0 unrelated, −1 opposite.',
  share:
    'Share: part of the signal’s squared length. Parts can be negative; with the residual they sum to 100 %.',
  shareOfMargin:
    'Share: part of score A minus score B. Parts can be negative; with the residual they sum to 100 %.',
  initialization: 'Initialization: part from the random start weights, with today’s layer inputs.',
  ghost:
    'Ghost samples: part that flowed through the batch statistics of the ghost samples; it is counted for no class.',
  residual:
    'Residual: what rounding left unexplained. Complete if below the limit fixed before the run.',
  residualShare:
    'The row Residual closes the sum of the shares; the certificate’s residual is a length, ‖z − parts‖ / ‖z‖.',
  margin: 'A over B: how each update adds to score A minus score B.',
  ridge:
    'Each row is one class: where its updates point, as a density of cos weighted by the length of the update at this input, ‖Δf‖. Rows share one height scale.',
  specificity:
    'Specificity: how often an update of the predicted class has a higher cos than one of another class, beside what chance would give: 0.5 where steps weigh alike. Only retraining tests whether a layer is needed.',
  layerFlags:
    'separated: every class stands out already; in planted cases such layers could be left out. uniform: no class stands out beyond chance; in planted cases such layers were needed more often than not.',
  oneSeed: 'It is one training of each: other seeds are not in it.',
  timeline: 'Σγ: the contributions of the steps so far, by class.',
  splitExact: 'An example’s γ is the sum over its own rows of each step’s gradient (exact split).',
  splitEqual: 'An example’s γ is its equal part of each step’s γ (equal split).',
  splitUpdates:
    'This optimizer’s updates are recorded as they were applied: each counts for the step that applied it, with all that it carries on from earlier steps. An example’s γ is its equal part of that.',
} as const;

/** How γ was spread over examples, of a layer in either form. */
export function splitCaption(layer: {
  readonly exampleSplit: 'equal' | 'exact';
  readonly stored: 'gradient' | 'update';
}): string {
  if (layer.exampleSplit === 'exact') return captions.splitExact;
  return layer.stored === 'update' ? captions.splitUpdates : captions.splitEqual;
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

/** The two privacy modes of the design. */
export const modeNames = { examples: 'Examples', aggregates: 'Aggregates only' } as const;
