/** Words that a report uses, for readers who have not seen one before. */
export const glossary: readonly (readonly [string, string])[] = [
  [
    'A over B',
    'Score A minus score B at the output layer, taken apart instead of the whole signal.',
  ],
  ['Batch', 'The examples that one step learns from.'],
  [
    'Certificate',
    'That a layer’s residual is below the limit fixed before the run: the parts add up to the whole.',
  ],
  [
    'Contribution γ',
    'γ = ⟨z, Δf⟩: how much of the signal z an update Δ makes with today’s layer input f.',
  ],
  [
    'cos',
    'γ / (‖z‖ ‖Δf‖): where an update points, whatever its length. 1: as the signal, −1: against it.',
  ],
  [
    'Credit',
    'The share of a step’s own gradient, with the weight that it has in the final weights, rather than of the update it was part of.',
  ],
  [
    'Ghost samples',
    'Examples of all classes that only feed batch normalisation while a batch of one class is learned.',
  ],
  ['Initialization', 'The part of the signal that the random start weights make.'],
  [
    'Layer, traced',
    'A linear map of the network (dense, convolution, or along the edges of a graph) whose every update was recorded.',
  ],
  ['Null band', 'Where a number would lie by chance, found by permuting the classes of the steps.'],
  [
    'Pre-activation z',
    'z = W f: what a layer hands on before its activation function, at the final weights W.',
  ],
  ['Residual', '‖z − parts‖ / ‖z‖: what rounding left unexplained.'],
  ['Run', 'One recorded training: recipe, model, reference to the data, trace and index.'],
  [
    'Share',
    'γ / ‖z‖²: a part of the signal’s squared length. All shares of a layer and the residual add up to 100 %; single ones may be negative.',
  ],
  [
    'Specificity',
    'How often an update of the predicted class has a higher cos than one of another class; 0.5: uniform over the classes.',
  ],
  ['Step, update Δ', 'One step of the optimizer; Δ: weights after it minus weights before.'],
  ['Trace', 'The stored updates of all steps.'],
];
