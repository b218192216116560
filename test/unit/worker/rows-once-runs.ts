import { startEngine } from '../../../src-main/engine/backend';
import { CompletedInputs } from '../../../src-main/engine/codecs/completed-inputs';
import { answer } from '../../../src-main/engine/explanation/explain';
import type { ExplainableRun } from '../../../src-main/engine/explanation/explainable-run';
import type { LayerStorage, RecordSource } from '../../../src-main/engine/records';
import { type Batch, orderedSampler } from '../../../src-main/engine/sampler';
import { train } from '../../../src-main/engine/training';
import type { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { describe } from '../../../src-main/worker/describe';
import { prepareTraining } from '../../../src-main/worker/prepare';
import { storageFor } from '../../../src-main/worker/storage-choice';
import type { LayerExplanation } from '../../../src-shared/explanation/explanation';

/** An MLP whose first layer reads the examples themselves, and ghosts that a gradient flows to. */
export const recipe = {
  data: 'mnist',
  limit: { train: 150, test: 20 },
  model: {
    layers: [
      { type: 'Flatten', name: 'flatten' },
      { type: 'Dense', name: 'fc1', units: 128, useBias: true },
      { type: 'BatchNormalization', name: 'bn1' },
      { type: 'ReLU', name: 'relu1' },
      { type: 'Dense', name: 'logits', units: 10, useBias: true },
    ],
  },
  batchSize: 32,
  ghostSamples: 10,
  epochs: 3,
  optimizer: { learningRate: 0.05 },
};

/** As before rows were stored once. */
export function withInputs(
  storage: ReadonlyMap<string, LayerStorage>,
): ReadonlyMap<string, LayerStorage> {
  return new Map(
    [...storage].map(([name, each]) => {
      const parts = each.parts.map((part) =>
        part.part === 'rows' ? { ...part, part: 'inputs' as const } : part,
      );
      return [name, { ...each, parts }];
    }),
  );
}

/**
 * Records a training into small shards.
 *
 * @param order its batches; null: the recipe's own
 */
export async function recordedAs(
  folder: string,
  input: object,
  order: readonly Batch[] | null,
  change: typeof withInputs = (storage) => storage,
): Promise<ReadonlyMap<string, LayerStorage>> {
  const engine = await startEngine();
  const prepared = await prepareTraining(input, []);
  const { recipe, model, data, examples } = prepared;
  const trainer = await prepared.trainer();
  const storage = change(storageFor(prepared, trainer));
  const sampler = order ? orderedSampler(order) : prepared.sampler();
  const described = describe(
    recipe,
    model,
    {
      ...{ source: recipe.data, fingerprint: data.fingerprint, examples },
      ...{ exampleShape: data.shape, classNames: data.classNames },
    },
    sampler.steps,
    engine,
  );
  const start = { step: 0, sampler: sampler.place, tensors: () => trainer.state() };
  const writer = await TraceWriter.create(folder, described, start, {
    ...{ storage, shardBytes: 200_000, commitSeconds: 3600 },
  });
  trainer.recordAs(storage);
  await train({
    ...{ trainer, sampler, examples: data.train, augment: prepared.augment, sink: writer },
    ...{ committedSteps: 0, signal: new AbortController().signal },
    ...{ paused: () => false, admission: async () => undefined, onStep: () => undefined },
  });
  await writer.finish(
    { step: sampler.steps, sampler: sampler.place, tensors: () => trainer.state() },
    { storage: [...storage.values()] },
  );
  await writer.close();
  trainer.dispose();
  return storage;
}

const examples = [0, 1, 2].map((index) => ({ split: 'test' as const, index }));

/** All that explanations say of all layers, through the files or through what a scan reads. */
export async function explained(
  run: ExplainableRun,
  { norms = true, scans = false, unit = 'update' as 'update' | 'credit' } = {},
): Promise<{ layer: LayerExplanation; byExample: number[] }[]> {
  const { source } = run;
  const read = scans ? { ...run, source: withoutFiles(source) } : run;
  const found = await answer(read, {
    ...{ examples, layers: null, target: { kind: 'representation' }, unit, norms },
    ...{ exampleSplit: 'exact', top: 5 },
  });
  return found.flatMap(({ explanation, exampleParts }) =>
    explanation.layers.map((layer, l) => {
      const parts = exampleParts[l]?.within({ from: 0, to: source.steps.count }) ?? [];
      return { layer, byExample: [...parts] };
    }),
  );
}

function withoutFiles(source: RecordSource): RecordSource {
  return {
    ...{ layers: source.layers, parts: source.parts, storage: source.storage },
    ...{ steps: source.steps, allExamples: () => source.allExamples() },
    ...{ scan: (query) => source.scan(query), weights: (at) => source.weights(at) },
  };
}

/** Numbers of the first layer's parts by `STEP/PART`, X whole. */
export async function wholeParts(
  reader: TraceReader,
  range: { readonly from?: number; readonly to?: number } = {},
): Promise<Map<string, { shape: readonly number[]; data: Float32Array }>> {
  const found = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  const completed = new CompletedInputs(reader, ['fc1']);
  for await (const batch of completed.scan({ layers: ['fc1'], parts: reader.parts, ...range })) {
    for (const { step, part, shape, data } of batch) {
      found.set(`${step}/${part}`, { shape, data: data.slice() });
    }
  }
  return found;
}
