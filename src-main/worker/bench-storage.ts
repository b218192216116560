import { throwIfCancelled } from '../../src-shared/errors';
import { layersOf } from '../../src-shared/model/presets';
import { resolveModel } from '../../src-shared/model/shapes';
import type { CodecSetting } from '../../src-shared/recipe/recipe';
import { completeRecipe } from '../../src-shared/recipe/schema';
import { startEngine } from '../engine/backend';
import { chooseStorage } from '../engine/codecs/choose-storage';
import { bytesOfEncoded } from '../engine/codecs/storage';
import { explain } from '../engine/explanation/explain';
import { MemoryTrace } from '../engine/memory-trace';
import { Network } from '../engine/network';
import type { LayerStorage } from '../engine/records';
import { seededSampler } from '../engine/sampler';
import { recordedParts, Trainer } from '../engine/step';
import { train } from '../engine/training';
import { benchShape, benchClasses as classes, noise } from './bench-noise';
import { boundOf } from './measured-storage';

/** What one setting stores of a training, and how far its γ is from that of fp32. */
export interface StoredSetting {
  readonly setting: CodecSetting;
  /** Of traced layers. */
  readonly bytesPerStep: number;
  /** All traced weights in fp32, the ghosts' part left out, by what is stored. */
  readonly denseOverStored: number;
  readonly layers: readonly {
    readonly name: string;
    readonly parts: readonly string[];
    readonly errorBound: number;
    /** The worst example's ‖γ̂ − γ‖ / ‖γ‖ over steps. */
    readonly gammaError: number;
  }[];
}

export interface StorageBench {
  readonly denseBytesPerStep: number;
  readonly settings: readonly StoredSetting[];
}

/** Batches that storage is chosen on, as at the start of a recording. */
const probes = 4;
const askedExamples = 6;

/**
 * Does the same short training on noise in each setting, in memory, and compares bytes and γ of every
 * layer, in the network it ends in, with those of fp32.
 */
export async function benchStorage(
  input: { readonly model: string; readonly batchSize: number },
  steps: number,
  signal: AbortSignal,
): Promise<StorageBench> {
  await startEngine();
  const shape = benchShape(input.model);
  const model = resolveModel(layersOf(input.model, classes, shape), shape, classes);
  const denseBytesPerStep = model.traced.reduce(
    (sum, each) => sum + 4 * each.rows * each.columns,
    0,
  );
  const examples = noise(input.model, Math.max(512, 2 * classes * input.batchSize));
  const recorded = async (codec: CodecSetting) => {
    const recipe = completeRecipe({
      ...{ data: 'noise', epochs: 1_000_000, maxSteps: steps, codec },
      ...input,
    });
    const network = new Network(model, recipe.seed);
    const trainer = new Trainer(network, recipe);
    const trace = new MemoryTrace(model.traced, network.parameters.export());
    const sampler = () => seededSampler(recipe, Int32Array.from(examples.labels));
    const first = sampler();
    const batches = Array.from({ length: probes }, () => first.next()).filter(
      (each) => each !== null,
    );
    const kept = recordedParts(recipe);
    const storage = chooseStorage({
      ...{ trainer, examples, batches, kept },
      ...{ setting: recipe.codec, augments: false },
    });
    trainer.recordAs(storage);
    try {
      await train({
        ...{ trainer, sampler: sampler(), examples, sink: trace, committedSteps: 0, signal },
        ...{ paused: () => false, admission: async () => undefined, onStep: () => undefined },
      });
      const found = await explain(
        {
          ...{ name: codec, source: trace, network, optimizer: recipe.optimizer },
          ...{ splits: { train: examples, test: examples }, perExample: recipe.perExample },
        },
        {
          examples: Array.from({ length: askedExamples }, (_, index) => ({ split: 'test', index })),
          ...{ layers: null, target: { kind: 'representation' }, unit: 'update', top: 1 },
          ...{ exampleSplit: null, norms: false, signal },
        },
      );
      const bounds = new Map<string, number>();
      for (const { spec } of model.nodes) {
        const stored = storage.get(spec.name);
        if (stored) bounds.set(spec.name, await boundOf(stored, trace, network, examples));
      }
      const gammas = found.map(({ layers }) => layers.map((each) => Array.from(each.steps.gamma)));
      return { storage, bounds, bytesPerStep: bytesOf(trace) / steps, gammas };
    } finally {
      trainer.dispose();
    }
  };
  const { gammas: exact } = await recorded('dense');
  const settings: StoredSetting[] = [];
  for (const setting of ['fast', 'compact'] as const) {
    throwIfCancelled(signal, 'worker');
    const { storage, bounds, bytesPerStep, gammas } = await recorded(setting);
    const layers = model.traced.map(({ name }, l) => {
      const { parts } = storage.get(name) as LayerStorage;
      const errorBound = bounds.get(name) as number;
      const errors = gammas.map((each, k) => errorOf(each[l] ?? [], exact[k]?.[l] ?? []));
      return {
        ...{ name, errorBound, gammaError: Math.max(...errors) },
        parts: parts.map(({ part, codec }) => `${part} ${codec}`),
      };
    });
    const denseOverStored = denseBytesPerStep / bytesPerStep;
    settings.push({ setting, bytesPerStep, denseOverStored, layers });
  }
  return { denseBytesPerStep, settings };
}

function bytesOf({ records }: MemoryTrace): number {
  const parts = records.flatMap((record) => record.parts);
  return parts.reduce(
    (sum, { encoded, data }) => sum + (encoded ? bytesOfEncoded(encoded) : data.byteLength),
    0,
  );
}

function errorOf(found: readonly number[], exact: readonly number[]): number {
  const off = exact.map((value, t) => (found[t] as number) - value);
  return Math.hypot(...off) / Math.hypot(...exact);
}
