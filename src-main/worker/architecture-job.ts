import type { ArchitectureAnalysis } from '../../src-shared/architecture/architecture';
import {
  type ArchitectureComparison,
  pairedDifference,
  type RunAccount,
} from '../../src-shared/architecture/comparison';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError } from '../../src-shared/errors';
import { withoutLayers } from '../../src-shared/model/without-layers';
import type { Recipe } from '../../src-shared/recipe/recipe';
import { analyseArchitecture } from '../engine/uniformity/analyse';
import type { OpenRun } from './open-run';

/** Examples to ask about where nothing else is said. */
export const usualExamples = 50;
/** Of the draw of examples and of the permutations: the same run gives the same numbers. */
const seed = 1;

/** How class-specific the layers of a run are, over test examples, or training ones without any. */
export async function analyseRun(
  run: OpenRun,
  examples: number,
  { signal, onProgress }: CallContext,
): Promise<ArchitectureAnalysis> {
  const split = run.reader.description.data.examples.test > 0 ? 'test' : 'train';
  const { predicted } = await run.predictions(split, signal);
  return analyseArchitecture(run.explainable, {
    ...{ split, predicted, examples, seed, signal },
    onProgress: (stepsRead, steps) => onProgress({ kind: 'explain', stepsRead, steps }),
  });
}

/**
 * The recipe of a run without some of its linear layers, everything else as it was. Layers that both
 * have begin with the same weights, and the batches are the same.
 *
 * @throws `layer-missing`, or `model-invalid` where the rest does not fit together
 */
export function recipeWithout(run: OpenRun, layers: readonly string[]): Recipe {
  const { recipe, layers: model, data } = run.reader.description;
  if (layers.length === 0) {
    throw new DeltascopeError(
      'request-invalid',
      'worker',
      'No layer is named that should be left out.',
    );
  }
  const classes = data.classNames.length;
  const shallower = withoutLayers(model, layers, data.exampleShape, classes);
  return { ...recipe, model: { layers: shallower.layers } };
}

/**
 * Accuracy, size, time and specificity of two runs, the second without some layers of the first.
 *
 * @throws `run-differs` where they were not trained on the same data
 */
export async function compareRuns(
  first: OpenRun,
  second: OpenRun,
  examples: number,
  context: CallContext,
): Promise<ArchitectureComparison> {
  const [a, b] = [first, second].map(({ reader }) => reader.description.data);
  if (a?.fingerprint !== b?.fingerprint || a?.examples.test !== b?.examples.test) {
    throw new DeltascopeError(
      'run-differs',
      'worker',
      `${second.explainable.name} was not trained and tested on the data of ${first.explainable.name}; compare runs of the same data and limit.`,
    );
  }
  const kept = new Set(second.reader.layers.map(({ name }) => name));
  return {
    without: first.reader.layers.map(({ name }) => name).filter((name) => !kept.has(name)),
    first: await accountOf(first, examples, context),
    second: await accountOf(second, examples, context),
    accuracyDifference: pairedDifference(
      await rightOf(first, context.signal),
      await rightOf(second, context.signal),
    ),
  };
}

/** Whether each test example is predicted rightly. */
async function rightOf(run: OpenRun, signal: AbortSignal): Promise<boolean[]> {
  const { predicted } = await run.predictions('test', signal);
  return Array.from(predicted, (label, index) => label === run.data.test.labels[index]);
}

async function accountOf(
  run: OpenRun,
  examples: number,
  context: CallContext,
): Promise<RunAccount> {
  const { reader, explainable, data } = run;
  const right = await rightOf(run, context.signal);
  const counts = data.classNames.map(() => ({ all: 0, right: 0 }));
  for (const [index, hit] of right.entries()) {
    const count = counts[data.test.labels[index] as number];
    if (!count) continue;
    count.all++;
    count.right += Number(hit);
  }
  const final = await reader.weights('final');
  const began = Date.parse(reader.description.createdAt);
  return {
    run: explainable.name,
    steps: reader.steps.count,
    accuracy: right.length > 0 ? right.filter(Boolean).length / right.length : null,
    classAccuracy: counts.map((count) => (count.all > 0 ? count.right / count.all : null)),
    parameters: explainable.network.model.parameters,
    weightBytes: final.reduce((sum, { data: values }) => sum + values.byteLength, 0),
    traceBytes: reader.bytes,
    seconds: reader.finishedAt === null ? null : (Date.parse(reader.finishedAt) - began) / 1000,
    analysis: await analyseRun(run, examples, context),
  };
}
