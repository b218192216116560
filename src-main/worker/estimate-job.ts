import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CostEstimate } from '../../src-shared/contract/views';
import { throwIfCancelled } from '../../src-shared/errors';
import { startEngine } from '../engine/backend';
import { bytesOfEncoded } from '../engine/codecs/storage';
import type { RecordSink, StepRecord } from '../engine/records';
import { train } from '../engine/training';
import { prepareTraining } from './prepare';
import { storageFor } from './storage-choice';

/** Trial steps: the first ones warm up and are not timed. */
const warmUp = 3;
const timed = 12;

/** Measures what a recording will take on trial steps whose records are thrown away. */
export async function estimateCost(
  recipe: unknown,
  folder: string,
  bases: readonly string[],
  signal: AbortSignal,
): Promise<CostEstimate> {
  await startEngine();
  const prepared = await prepareTraining(recipe, bases);
  const trainer = await prepared.trainer();
  try {
    trainer.recordAs(storageFor(prepared, trainer));
    const sampler = prepared.sampler();
    const times: number[] = [];
    let memoryBytes = 0;
    const sink = new CountingSink();
    const enough = new AbortController();
    await train({
      trainer,
      sampler,
      examples: prepared.data.train,
      augment: prepared.augment,
      sink,
      committedSteps: 0,
      signal: AbortSignal.any([signal, enough.signal]),
      paused: () => false,
      admission: async () => undefined,
      onStep() {
        memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
        if (times.push(performance.now()) >= warmUp + timed) enough.abort();
      },
    }).catch((error: unknown) => {
      if (!enough.signal.aborted) throw error;
    });
    throwIfCancelled(signal, 'worker');
    const perStep = times
      .slice(1)
      .map((time, i) => (time - (times[i] as number)) / 1000)
      .slice(Math.min(warmUp, times.length - 2))
      .sort((a, b) => a - b);
    const at = (quantile: number): number =>
      perStep[Math.min(perStep.length - 1, Math.floor(quantile * perStep.length))] ?? 0;
    const share = (bytes: StoredBytes): number =>
      bytesOfStep(bytes, times.length, sampler.steps, prepared.examples.train);
    const bytesPerStep = [...sink.layers.values(), sink.side].reduce(
      (sum, each) => sum + share(each),
      0,
    );
    const checkpoints = 4 * prepared.model.parameters * 4;
    const { bavail, bsize } = await statfs(await existingParent(folder));
    return {
      steps: sampler.steps,
      trialSteps: times.length,
      secondsPerStep: at(0.5),
      seconds: { low: at(0.25) * sampler.steps, high: at(0.9) * 1.15 * sampler.steps },
      bytesPerStep,
      bytes: {
        low: bytesPerStep * sampler.steps + checkpoints / 2,
        high: bytesPerStep * sampler.steps * 1.02 + checkpoints,
      },
      layers: [...sink.layers].map(([name, bytes]) => ({
        ...{ name, bytesPerStep: share(bytes) },
      })),
      freeBytes: bavail * bsize,
      memoryBytes,
      parameters: prepared.model.parameters,
    };
  } finally {
    trainer.dispose();
  }
}

async function existingParent(folder: string): Promise<string> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const there = await statfs(path).then(
      () => true,
      () => false,
    );
    if (there || path === dirname(path)) return path;
  }
}

/** Bytes that some steps have stored. */
interface StoredBytes {
  /** Of what each step stores. */
  each: number;
  /** Of rows that are stored once, and how many of them. */
  once: number;
  rows: number;
}

/** Bytes of a step, what is stored once an example spread over all steps. */
function bytesOfStep(
  { each, once, rows }: StoredBytes,
  tried: number,
  steps: number,
  examples: number,
): number {
  const perStep = each / Math.max(1, tried);
  if (rows === 0) return perStep;
  const expected = Math.min(examples, (rows / tried) * steps);
  return perStep + ((once / rows) * expected) / steps;
}

/** Counts the bytes of records without keeping them. */
class CountingSink implements RecordSink {
  readonly commitDue = false;
  readonly committedSteps = 0;
  readonly bytesWritten = 0;
  readonly layers = new Map<string, StoredBytes>();
  /** Of side state, which is no layer's. */
  readonly side: StoredBytes = { each: 0, once: 0, rows: 0 };

  async append({ parts, sideState }: StepRecord): Promise<void> {
    for (const { data } of sideState) this.side.each += data.byteLength;
    for (const { layer, part, shape, encoded, data } of parts) {
      const bytes = encoded ? bytesOfEncoded(encoded) : data.byteLength;
      const counted = this.layers.get(layer) ?? { each: 0, once: 0, rows: 0 };
      this.layers.set(layer, counted);
      if (part === 'rows') {
        counted.once += bytes;
        counted.rows += shape[0] ?? 0;
      } else {
        counted.each += bytes;
      }
    }
  }

  async commit(): Promise<void> {}
}
