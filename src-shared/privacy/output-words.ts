import type { OutputKind, ReleaseOutput } from './release';

/** Why an output failed that no rule could be run on. */
export const uncheckedReason = 'The rules could not be run on it, so nothing of it may be shown.';

/** The outputs that no rule could be run on. */
export function uncheckedKinds(outputs: readonly ReleaseOutput[]): readonly OutputKind[] {
  return outputs.filter(({ check }) => check.reason === uncheckedReason).map(({ kind }) => kind);
}

/** Titles and captions of what may be released, in the words of the window, the file and the report. */
export const outputWords: Readonly<
  Record<OutputKind, { readonly title: string; readonly caption: string }>
> = {
  accuracy: {
    title: 'Accuracy by class',
    caption:
      'Share of the sampled examples that the final network predicts rightly. Where fewer examples than the rule asks for are right, or wrong, only a bound is given.',
  },
  confusion: {
    title: 'Confusion by class',
    caption:
      'Sampled examples by true and predicted class. A row is given only where what is kept back of it holds enough examples.',
  },
  'class-shares': {
    title: 'Class shares by layer',
    caption:
      'Part of a layer’s squared signal that came from the training examples of each class: means over the sampled examples that are predicted as one class. A row adds up to 1.',
  },
  specificity: {
    title: 'Specificity map',
    caption:
      'How often an update of the predicted class has a higher cos than one of another class, with the band in which chance would leave it. 0.5: uniform over the classes. Where steps mix classes: how often a training example of the predicted class has more influence than one of another class.',
  },
  'cos-histograms': {
    title: 'Directions of updates',
    caption:
      'How the cosines between a layer’s signal and the updates are spread: pairs of a step and a sampled example, for steps of the predicted class and of other classes. Bins with too few examples are left out, the others add up to 1.',
  },
  timeline: {
    title: 'Influence by epoch',
    caption:
      'How much of a layer’s signal the initialization and the epochs so far have put there: means over the explained examples.',
  },
  certificate: {
    title: 'Certificate',
    caption:
      'What the bookkeeping leaves unexplained of a layer’s signal, as a mean over the explained examples, and the bound on the error of γ from how the trace is stored.',
  },
};
