import type { ArchitectureAnalysis } from '../../src-shared/architecture/architecture';
import type { RunAccount } from '../../src-shared/architecture/run-account';
import type { CallContext } from '../../src-shared/contract/rpc';
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
    onProgress: (progress) => onProgress({ kind: 'layers', ...progress }),
  });
}

/** What a finished run is worth, and what its updates say. */
export async function accountOf(
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

/** Whether each test example is predicted rightly. */
export async function rightOf(run: OpenRun, signal: AbortSignal): Promise<boolean[]> {
  const { predicted } = await run.predictions('test', signal);
  return Array.from(predicted, (label, index) => label === run.data.test.labels[index]);
}
