import { throwIfCancelled } from '../../../src-shared/errors';
import {
  type ExampleReference,
  type ExampleSplit,
  type Explanation,
  type ExplanationTarget,
  type ExplanationUnit,
  type LayerExplanation,
  type StepRange,
  targetName,
} from '../../../src-shared/explanation/explanation';
import { epochInfluences } from '../../../src-shared/explanation/timeline';
import { storesUpdates } from '../../../src-shared/recipe/optimizer-spec';
import { softmax } from '../evaluation';
import { rowCounts } from '../examples';
import { KernelMultiplier } from '../kernels/kernel-multiplier';
import { Kernels } from '../kernels/kernels';
import { inTurns, type Multiplier } from '../kernels/multiplier';
import { multiplyStored, NativeMultiplier } from '../kernels/native-multiplier';
import { type StepCoefficients, storedCoefficients } from '../optimizer';
import type { PartHeader, RecordPart, RecordSource, StepExamples } from '../records';
import { credit } from './credit';
import type { ExampleParts } from './example-parts';
import type { ExplainableRun, ExplainedLayer } from './explainable-run';
import type { LayerProducts, PassPlan } from './layer-pass';
import { type Participants, takersOf } from './participants';
import {
  askOf,
  checkExamples,
  chosenLayers,
  type FinalSignals,
  finalSignals,
  type LayerQuestions,
  layerWeights,
} from './questions';
import { partsOf } from './shares';
import { type Signal, shareOf } from './signal';

export interface ExplainOptions {
  readonly examples: readonly ExampleReference[];
  /** Null: every layer that the target exists at. */
  readonly layers: readonly string[] | null;
  readonly target: ExplanationTarget;
  readonly unit: ExplanationUnit;
  /** Null: exact where each example's part was kept. */
  readonly exampleSplit: ExampleSplit | null;
  readonly top: number;
  /** The steps that influence of examples is summed over; null: all. */
  readonly range?: StepRange | null;
  /** False: γ alone; norms and cos stay 0, the residual is NaN. */
  readonly norms?: boolean;
  readonly signal?: AbortSignal;
  /** @param sofar what the steps read so far say; worked out only when called */
  readonly onProgress?: (stepsRead: number, steps: number, sofar: () => readonly Answer[]) => void;
}

/** An explanation with what it takes to answer further questions on it without reading again. */
export interface Answer {
  readonly explanation: Explanation;
  /** One a layer, in the layers' order. */
  readonly exampleParts: readonly ExampleParts[];
}

/**
 * Explains examples in one streaming pass over the trace: γ_t, cos_t and ‖Δ_t f‖ of every step
 * (Eq. 6 and 7), shares by class with initialization, ghost share and residual, and influential
 * examples (Alg. 1, Alg. 2).
 *
 * @throws `layer-missing`, `example-missing`, `request-invalid`, `cancelled`
 */
export async function explain(
  run: ExplainableRun,
  options: ExplainOptions,
): Promise<Explanation[]> {
  return (await answer(run, options)).map(({ explanation }) => explanation);
}

/** An explanation with what each training example put into each layer's signal. */
export interface ExplanationByExample {
  readonly explanation: Explanation;
  /** γ of each participant, all its steps together, layer by layer. */
  readonly influences: readonly Float64Array[];
}

/** As `explain`, with the influence of every training example that took part, not of the largest alone. */
export async function explainByExample(
  run: ExplainableRun,
  options: Omit<ExplainOptions, 'exampleSplit' | 'unit'>,
): Promise<ExplanationByExample[]> {
  const range = options.range ?? { from: 0, to: run.source.steps.count };
  const answers = await answer(run, { ...options, exampleSplit: 'exact', unit: 'credit' });
  return answers.map(({ explanation, exampleParts }) => ({
    explanation,
    influences: exampleParts.map((parts) => parts.within(range)),
  }));
}

/** Explains examples as `explain` does, and keeps how the steps are spread over their examples. */
export async function answer(run: ExplainableRun, options: ExplainOptions): Promise<Answer[]> {
  const { source } = run;
  const layers = chosenLayers(run, options.layers, options.target);
  checkExamples(run, options.examples);
  const { signal } = options;
  const recorded = layers.filter(({ frozen }) => !frozen).map(({ name }) => name);
  const query = {
    layers: recorded,
    parts: neededParts(source, recorded, options.exampleSplit),
    ...(signal ? { signal } : {}),
  };
  const multiply = multiplyStored();
  const located = multiply && source.locate?.(query);
  if (located) {
    const multiplier = new NativeMultiplier(multiply, signal);
    return explainWith(run, layers, options, multiplier, located);
  }
  const kernels = await Kernels.borrow();
  try {
    const scan = source.scan({ ...query, buffer: kernels.buffer });
    return await explainWith(run, layers, options, new KernelMultiplier(kernels), scan);
  } finally {
    kernels.giveBack();
  }
}

/** Explains with parts as they come, read or not. */
async function explainWith<P extends PartHeader>(
  run: ExplainableRun,
  layers: readonly ExplainedLayer[],
  options: ExplainOptions,
  multiplier: Multiplier<P>,
  batches: AsyncIterable<readonly P[]>,
): Promise<Answer[]> {
  const { source } = run;
  const coefficients = storedCoefficients(run.optimizer, source.steps.learningRate);
  const [moved, still] = [coefficients, coefficients.map(withoutDecay)].map(
    (each): Bookkeeping => ({ coefficients: each, credit: credit(each) }),
  ) as [Bookkeeping, Bookkeeping];
  const bookOf = ({ frozen }: ExplainedLayer): Bookkeeping => (frozen ? still : moved);
  const { taken, participants } = takersOf(run);
  const weights = await layerWeights(source, options.norms ?? true);
  const planOf = (layer: ExplainedLayer): PassPlan<P> => ({
    ...bookOf(layer),
    multiplier,
    byCredit: options.unit === 'credit',
    exampleRows: (owner, step) =>
      rowCounts(run.splits.train, taken[step]?.examples ?? new Int32Array(0), owner),
    taken: (step) => taken[step] as StepExamples,
  });
  let questions: readonly LayerQuestions<P>[] = [];
  try {
    throwIfCancelled(options.signal, 'engine');
    const finals = finalSignals(run, options.examples, layers);
    questions = await askOf(run, layers, finals, weights, options.target, planOf);

    const answer = (k: number, count: number): Answer => {
      const reference = options.examples[k] as ExplainOptions['examples'][number];
      const probabilities = Array.from(softmax((finals[k] as FinalSignals).logits));
      const predicted = probabilities.indexOf(Math.max(...probabilities));
      const label = Number(run.splits[reference.split].labels[reference.index]);
      const told = questions.map((asked) =>
        layerAnswer(run, asked, k, participants, bookOf(asked.layer), count, options),
      );
      return {
        explanation: {
          run: run.name,
          example: { ...reference, label, predicted, probabilities },
          layers: told.map(({ layer }) => layer),
        },
        exampleParts: told.map(({ exampleParts }) => exampleParts),
      };
    };
    const told = (count: number): Answer[] => options.examples.map((_, k) => answer(k, count));
    await streamPast(run, batches, questions, multiplier, options, told);
    const answers: Answer[] = [];
    for (const k of options.examples.keys()) {
      // Many examples take their time; a message to stop is let in.
      await new Promise(setImmediate);
      throwIfCancelled(options.signal, 'engine');
      answers.push(answer(k, source.steps.count));
    }
    return answers;
  } finally {
    multiplier.dispose();
  }
}

async function streamPast<P extends PartHeader>(
  { source }: ExplainableRun,
  batches: AsyncIterable<readonly P[]>,
  questions: readonly LayerQuestions<P>[],
  { together }: Multiplier<P>,
  { signal, onProgress }: ExplainOptions,
  told: (steps: number) => Answer[],
): Promise<void> {
  for await (const parts of batches) {
    const work = questions.map(({ layer, pass }) => async () => {
      throwIfCancelled(signal, 'engine');
      await pass.take(parts.filter(({ layer: name }) => name === layer.name));
    });
    await inTurns(together, work);
    // A message that came meanwhile, such as to stop, is let in.
    await new Promise(setImmediate);
    throwIfCancelled(signal, 'engine');
    const last = parts[parts.length - 1];
    // The last step of a batch may go on in the next one: what is told so far leaves it out.
    if (last) onProgress?.(last.step + 1, source.steps.count, () => told(last.step));
  }
}

/** How the optimizer made weights of the steps' gradients. */
type Bookkeeping = Pick<PassPlan<PartHeader>, 'coefficients' | 'credit'>;

/** Decay moves no frozen weights. */
function withoutDecay(at: StepCoefficients): StepCoefficients {
  return { ...at, coupledDecay: 0, decoupledDecay: 0 };
}

/** Parts that hold each example's own. */
const ofRows: readonly RecordPart[] = ['inputs', 'rows', 'deltas', 'examples'];

/** Rows are the larger record: they are read only where they are all there is, or asked for. */
function neededParts(
  { parts, storage }: RecordSource,
  layers: readonly string[],
  exampleSplit: ExampleSplit | null,
): readonly RecordPart[] {
  const holdGradients = layers.every((name) =>
    storage
      .get(name)
      ?.parts.some(({ part }) => part === 'gradient' || part === 'update' || part === 'basis'),
  );
  if (exampleSplit !== 'equal' || !holdGradients) return parts;
  return parts.filter((part) => !ofRows.includes(part));
}

function layerAnswer<P extends PartHeader>(
  run: ExplainableRun,
  { layer, signals, pass }: LayerQuestions<P>,
  question: number,
  participants: Participants,
  { coefficients, credit: credits }: Bookkeeping,
  count: number,
  options: ExplainOptions,
): { readonly layer: LayerExplanation; readonly exampleParts: ExampleParts } {
  const whole = count === run.source.steps.count;
  const steps = { count, label: run.source.steps.label.slice(0, count) };
  const { target, unit } = options;
  const signal = signals[question] as Signal;
  const products = firstSteps(pass.products[question] as LayerProducts, count);
  const parts = partsOf(products, steps, participants, {
    signal,
    learned: target.kind === 'learned',
    unit,
    coefficients: coefficients.slice(0, count),
    credit: credits,
    frozen: layer.frozen,
    split: options.exampleSplit ?? (run.perExample ? 'exact' : 'equal'),
  });
  const { exampleParts } = parts;
  const { norm } = products;
  const cos = parts.gamma.map((gamma, t) => {
    const length = signal.directionNorm * (norm[t] as number);
    return length > 0 ? gamma / length : 0;
  });
  const initializationShare = shareOf(parts.initialization, signal.total);
  const explained: LayerExplanation = {
    name: layer.name,
    kind: layer.kind,
    frozen: layer.frozen,
    normSquared: signal.directionSquared,
    ...(target.kind === 'margin' ? { total: signal.total } : {}),
    initializationShare,
    ghostShare: shareOf(parts.ghost, signal.total),
    residual: whole ? pass.residual(question) : Number.NaN,
    errorBound: run.source.storage.get(layer.name)?.errorBound ?? 0,
    unit,
    stored: storesUpdates(run.optimizer) ? 'update' : 'gradient',
    target: targetName(target),
    steps: { gamma: parts.gamma, cos, norm, label: steps.label },
    timeline: epochInfluences(parts.gamma, run.source.steps, initializationShare, signal.total),
    classes: parts.classes,
    exampleSplit: exampleParts.split,
    ...exampleParts.strongest(options.range ?? { from: 0, to: count }, options.top),
  };
  return { layer: explained, exampleParts };
}

function firstSteps({ gradient, ghost, norm, rows }: LayerProducts, count: number): LayerProducts {
  return {
    gradient: gradient.slice(0, count),
    ghost: ghost.slice(0, count),
    norm: norm.slice(0, count),
    rows: rows.slice(0, count),
  };
}
