import type { CallContext } from '../../src-shared/contract/rpc';
import type {
  ExampleComparison,
  ExampleSteps,
  ExplainQuestion,
  ExplainRequest,
  ExplanationSummary,
  ExplanationView,
  LayerDetail,
} from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import type { LayerExplanation, StepRange } from '../../src-shared/explanation/explanation';
import { exampleRidgePlot, type RidgePlot, ridgePlot } from '../../src-shared/explanation/ridge';
import { stepsWithin } from '../../src-shared/explanation/timeline';
import { timelineCsv, timelineDrawing } from '../../src-shared/explanation/timeline-drawing';
import { classNameOf } from '../../src-shared/report/layer-parts';
import type { ExampleParts } from '../engine/explanation/example-parts';
import { type Answer, answer, type ExplainOptions } from '../engine/explanation/explain';
import { type KeptAnswer, KeptAnswers } from './kept-answers';
import type { OpenRun } from './open-run';

/** Places that a timeline is drawn at. */
const drawnSteps = 1400;
/** Answers kept in memory: two that are compared, and one more to come back to. */
const keptAnswers = 3;

/** Explains examples for window and report; further questions on them are answered from memory. */
export class Explanations {
  readonly #answers = new KeptAnswers(keptAnswers);

  /** One example with every step of every layer, as the report needs it. */
  async whole(
    run: OpenRun,
    request: ExplainRequest,
    context: CallContext,
  ): Promise<ExplanationView> {
    return wholeView(await this.#answers.get(run, { request, picture: null }, context), request);
  }

  /**
   * One example as the window shows it: what all layers are made of, and one of them in detail.
   * Partial summaries stream.
   *
   * @param layer the layer in detail; null, or one that the target lacks: the last
   */
  async summary(
    run: OpenRun,
    question: ExplainQuestion,
    layer: string | null,
    context: CallContext,
  ): Promise<ExplanationSummary> {
    const { request } = question;
    const { steps } = run.reader;
    const answer = await this.#answers.get(run, question, context, (sofar) => {
      context.onProgress({
        kind: 'explain',
        stepsRead: sofar.stepsRead,
        steps: steps.count,
        partial: summaryOf(sofar, request, layer),
      });
    });
    return summaryOf(answer, request, layer);
  }

  /** One layer over the steps of the request's range. */
  async detail(
    run: OpenRun,
    question: ExplainQuestion,
    layer: string,
    context: CallContext,
  ): Promise<LayerDetail> {
    const answer = await this.#answers.get(run, question, context);
    return detailOf(answer, question.request, placeOf(answer, layer));
  }

  /** The steps of the request's range that a training example took part in. */
  async steps(
    run: OpenRun,
    question: ExplainQuestion,
    layer: string,
    index: number,
    context: CallContext,
  ): Promise<ExampleSteps> {
    const answer = await this.#answers.get(run, question, context);
    const place = placeOf(answer, layer);
    const parts = answer.exampleParts[place] as ExampleParts;
    const { epoch } = run.reader.steps;
    return {
      index,
      steps: parts
        .stepsOf(index, rangeOf(answer, question.request))
        .map(({ step, gamma }) => ({ step, gamma, epoch: (epoch[step] as number) + 1 })),
    };
  }

  /** Every step of the request's range at a layer, one line each. */
  async csv(
    run: OpenRun,
    question: ExplainQuestion,
    layer: string,
    context: CallContext,
  ): Promise<string> {
    const answer = await this.#answers.get(run, question, context);
    const { steps, total, normSquared } = layerOf(answer, placeOf(answer, layer));
    const name = (label: number) => classNameOf(run.data.classNames, label);
    const range = rangeOf(answer, question.request);
    return timelineCsv(steps, run.reader.steps, range, total ?? normSquared, name);
  }

  /** The training examples that two explanations share, and those that tell them apart. */
  async compare(
    run: OpenRun,
    questions: readonly [ExplainQuestion, ExplainQuestion],
    layer: string,
    context: CallContext,
  ): Promise<ExampleComparison> {
    const [a, b] = [
      await this.#answers.get(run, questions[0], context),
      await this.#answers.get(run, questions[1], context),
    ];
    const [own, other] = [a, b].map((answer) => {
      const place = placeOf(answer, layer);
      const { total, normSquared } = layerOf(answer, place);
      return {
        parts: answer.exampleParts[place] as ExampleParts,
        whole: total ?? normSquared,
      };
    }) as [Compared, Compared];
    const { request } = questions[0];
    return own.parts.shared(
      other.parts,
      rangeOf(a, request),
      [own.whole, other.whole],
      request.top,
    );
  }
}

interface Compared {
  readonly parts: ExampleParts;
  readonly whole: number;
}

/** Explains one example, with its ridge plots; nothing is kept. */
export async function explainExample(
  run: OpenRun,
  request: ExplainRequest,
  context: CallContext,
): Promise<ExplanationView> {
  return new Explanations().whole(run, request, context);
}

/** Explains several examples at every layer in one pass, with their ridge plots; nothing is kept. */
export async function explainedViews(
  run: OpenRun,
  question: Pick<ExplainOptions, 'examples' | 'target' | 'unit' | 'top'>,
  { signal, onProgress }: CallContext,
): Promise<ExplanationView[]> {
  const { epoch, learningRate } = run.reader.steps;
  const answers = await answer(run.explainable, {
    ...question,
    ...{ layers: null, exampleSplit: null, signal },
    onProgress: (stepsRead, steps) => onProgress({ kind: 'explain', stepsRead, steps }),
  });
  const all = { from: 0, to: epoch.length };
  return answers.map((each) => ({
    ...each.explanation,
    ridges: ridgesOf(each, all),
    course: { epoch, learningRate },
  }));
}

function wholeView(answer: KeptAnswer, request: ExplainRequest): ExplanationView {
  const range = rangeOf(answer, request);
  const { explanation, exampleParts, run } = answer;
  const { epoch, learningRate } = run.reader.steps;
  const wanted = (name: string) => request.layers?.includes(name) ?? true;
  const layers = explanation.layers
    .map((layer, l) => ({ ...layer, ...exampleParts[l]?.strongest(range, request.top) }))
    .filter(({ name }) => wanted(name));
  const ridges = ridgesOf(answer, range).filter(({ layer }) => wanted(layer));
  return { ...explanation, layers, ridges, course: { epoch, learningRate } };
}

function summaryOf(
  answer: KeptAnswer,
  request: ExplainRequest,
  layer: string | null,
): ExplanationSummary {
  const { explanation, picture, stepsRead } = answer;
  const place = explanation.layers.findIndex(({ name }) => name === layer);
  const layers = explanation.layers.map(({ steps: _, ...rest }) => rest);
  return {
    run: explanation.run,
    example: explanation.example,
    layers,
    detail: detailOf(answer, request, place < 0 ? layers.length - 1 : place),
    picture,
    stepsRead,
  };
}

function detailOf(answer: KeptAnswer, request: ExplainRequest, place: number): LayerDetail {
  const range = rangeOf(answer, request);
  const layer = layerOf(answer, place);
  const parts = answer.exampleParts[place] as ExampleParts;
  return {
    layer: layer.name,
    range,
    steps: answer.run.reader.steps.count,
    ridges: ridgesOf(answer, range),
    ...parts.strongest(range, request.top),
    timeline: timelineDrawing(layer, answer.run.reader.steps, range, drawnSteps),
  };
}

/**
 * The ridge plots of all layers that were trained: over steps or, where these mix classes, over
 * examples; none where each one's part of them is not known either.
 */
function ridgesOf({ explanation, exampleParts }: Answer, range: StepRange): RidgePlot[] {
  const { probabilities } = explanation.example;
  return explanation.layers.flatMap((layer, l) => {
    const { name, frozen, steps, exampleSplit, total, normSquared } = layer;
    if (frozen) return [];
    if (!steps.label.includes(-1)) {
      return [ridgePlot(name, stepsWithin(steps, range), probabilities)];
    }
    if (exampleSplit === 'equal') return [];
    const influences = (exampleParts[l] as ExampleParts).influences(range);
    return [exampleRidgePlot(name, influences, total ?? normSquared, probabilities)];
  });
}

/** The steps that a request speaks of, among those that have been read. */
function rangeOf({ run, stepsRead }: KeptAnswer, { range }: ExplainRequest): StepRange {
  const { count } = run.reader.steps;
  if (range === null) return { from: 0, to: stepsRead };
  if (range.from < range.to && range.to <= count) {
    return { from: Math.min(range.from, stepsRead), to: Math.min(range.to, stepsRead) };
  }
  throw new DeltascopeError(
    'request-invalid',
    'worker',
    `Steps ${range.from} to ${range.to} are no range of this run, which has ${count} steps.`,
  );
}

function placeOf({ explanation }: KeptAnswer, layer: string): number {
  const place = explanation.layers.findIndex(({ name }) => name === layer);
  if (place >= 0) return place;
  const known = explanation.layers.map(({ name }) => name).join(', ');
  throw new DeltascopeError(
    'layer-missing',
    'worker',
    `Layer '${layer}' is not among those explained: ${known}.`,
  );
}

function layerOf({ explanation }: KeptAnswer, place: number): LayerExplanation {
  return explanation.layers[place] as LayerExplanation;
}
