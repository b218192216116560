import { throwIfCancelled } from '../../src-shared/errors';
import { layersOf } from '../../src-shared/model/presets';
import { resolveModel } from '../../src-shared/model/shapes';
import type { Recipe } from '../../src-shared/recipe/recipe';
import { completeRecipe } from '../../src-shared/recipe/schema';
import { startEngine } from '../engine/backend';
import { chooseStorage } from '../engine/codecs/choose-storage';
import { disposeRows, type Examples, labelsOf, rowsOf } from '../engine/examples';
import { Network } from '../engine/network';
import { seededSampler } from '../engine/sampler';
import { recordOf, Trainer } from '../engine/step';
import { ThreadedWriter } from '../trace/threaded-writer';
import { benchShape, benchClasses as classes, noise } from './bench-noise';
import { describe } from './describe';
import { startWriter } from './start-writer';

export interface RecordBench {
  /** Median of a training step without recording, milliseconds. */
  readonly stepMs: number;
  readonly recordedStepMs: number;
  /** Median over neighbouring blocks of recorded / unrecorded time. */
  readonly ratio: number;
  readonly bytesPerStep: number;
  /** What fp32 weights of all traced layers take. */
  readonly denseBytesPerStep: number;
  readonly backend: string;
  readonly threads: string;
}

const warmUp = 5;
/** Least steps of one kind in a row. */
const fewest = 10;
/** Least milliseconds of them: long beside what may still wait to be written when they end. */
const shortest = 500;

/**
 * Times the same training loop with and without recording, in alternating blocks of one process.
 * The data is noise: a step takes as long on it as on pictures.
 */
export async function benchRecord(
  input: { readonly model: string },
  steps: number,
  folder: string,
  signal: AbortSignal,
): Promise<RecordBench> {
  const engine = await startEngine();
  const recipe = completeRecipe({ data: 'noise', epochs: 1_000_000, ...input });
  const shape = benchShape(input.model);
  const model = resolveModel(layersOf(recipe.model, classes, shape), shape, classes);
  const examples = noise(input.model, Math.max(512, 2 * classes * recipe.batchSize));
  const trainer = new Trainer(new Network(model, recipe.seed), recipe);
  const sampler = fullBatches(recipe, examples);
  const data = { source: 'noise', fingerprint: '', exampleShape: shape, classNames: [] };
  const description = describe(
    recipe,
    model,
    { ...data, examples: { train: 0, test: 0 } },
    0,
    engine,
  );
  const storage = chooseStorage({
    trainer,
    examples,
    batches: [sampler(), sampler(), sampler()],
    kept: description.parts,
    setting: recipe.codec,
    augments: false,
  });
  trainer.recordAs(storage);
  const initial = { step: 0, sampler: null, tensors: () => trainer.state() };
  const options = { storage };
  const writer = await ThreadedWriter.create(startWriter(), folder, description, initial, options);
  trainer.recordInto(writer.memory);
  const startBytes = writer.bytesWritten;
  const times: Record<'plain' | 'recorded', number[]> = { plain: [], recorded: [] };
  const blocks: Record<'plain' | 'recorded', number[]> = { plain: [], recorded: [] };
  let recorded = 0;
  let last = 0;
  let block = warmUp;
  let rounds = 1;
  try {
    for (let round = -1; round < rounds; round++) {
      for (const kind of round % 2
        ? (['plain', 'recorded'] as const)
        : (['recorded', 'plain'] as const)) {
        throwIfCancelled(signal, 'worker');
        const begin = performance.now();
        for (let i = 0; i < block; i++) {
          const start = performance.now();
          const batch = sampler();
          const rows = {
            batch: rowsOf(examples, batch.examples),
            labels: labelsOf(examples, batch.examples),
            ghosts: batch.ghosts.length > 0 ? rowsOf(examples, batch.ghosts) : null,
          };
          const outcome = trainer.step(batch, rows, kind === 'recorded');
          disposeRows(rows.batch);
          if (rows.ghosts) disposeRows(rows.ghosts);
          if (kind === 'recorded') {
            await writer.append(recordOf({ ...batch, step: recorded++ }, outcome));
            if (writer.commitDue) {
              const state = { step: recorded, sampler: null, tensors: () => trainer.state() };
              writer.commit(state).catch(() => undefined);
            }
          }
          await new Promise<void>((resolve) => setImmediate(resolve));
          if (round >= 0) times[kind].push(performance.now() - start);
        }
        const time = performance.now() - begin;
        if (round >= 0) blocks[kind].push(time);
        else last = time / block;
      }
      if (round >= 0) continue;
      block = Math.max(fewest, Math.ceil(shortest / last));
      rounds = Math.max(1, Math.round(steps / block));
    }
    const ratios = blocks.recorded.map((time, i) => time / (blocks.plain[i] as number));
    return {
      stepMs: median(times.plain),
      recordedStepMs: median(times.recorded),
      ratio: median(ratios),
      bytesPerStep: (writer.bytesWritten - startBytes) / recorded,
      denseBytesPerStep: model.traced.reduce(
        (sum, { rows, columns }) => sum + 4 * rows * columns,
        0,
      ),
      backend: engine.backend,
      threads: engine.threads,
    };
  } finally {
    await writer.close();
    trainer.dispose();
  }
}

/** A sampler that never ends and leaves out short batches. */
function fullBatches(recipe: Recipe, examples: Examples) {
  const sampler = seededSampler(recipe, Int32Array.from(examples.labels));
  return () => {
    for (;;) {
      const batch = sampler.next();
      if (!batch) throw new Error('the sampler ended');
      if (batch.examples.length + batch.ghosts.length === recipe.batchSize) return batch;
    }
  };
}

/** Middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}
