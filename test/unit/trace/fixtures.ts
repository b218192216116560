import { MessageChannel } from 'node:worker_threads';
import { partStorage } from '../../../src-main/engine/codecs/storage';
import type {
  LayerStorage,
  NamedArray,
  NumberCodec,
  StepRecord,
} from '../../../src-main/engine/records';
import type { SoundState } from '../../../src-main/trace/checkpoints';
import type { FileSystem } from '../../../src-main/trace/filesystem';
import type { TraceWriterOptions } from '../../../src-main/trace/open-run';
import type { RunDescription } from '../../../src-main/trace/run-folder';
import { serveWriter } from '../../../src-main/trace/serve-writer';
import type { ThreadedWriter, WriterThread } from '../../../src-main/trace/threaded-writer';
import type { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { recipeDefaults } from '../../../src-shared/recipe/recipe';

/** Sizes so small that a few steps already make several blocks and shards. */
export const small: TraceWriterOptions = {
  shardBytes: 6000,
  blockBytes: 4096,
  commitSeconds: 3600,
};

export const description: RunDescription = {
  formatVersion: 1,
  createdAt: '2025-01-02T03:04:05.000Z',
  recipe: { ...recipeDefaults, data: 'mnist', model: 'mlp' },
  layers: [{ type: 'Dense', name: 'fc1', units: 3 }],
  data: {
    source: 'mnist',
    fingerprint: 'ab12',
    examples: { train: 60, test: 10 },
    exampleShape: [4],
    classNames: ['zero', 'one', 'two'],
  },
  tracedLayers: [
    { name: 'fc1', kind: 'Dense', rows: 25, columns: 10, bias: true },
    { name: 'fc2', kind: 'Dense', rows: 11, columns: 3, bias: true },
  ],
  parts: ['gradient'],
  stepsPlanned: 40,
  versions: { deltascope: '0.1.0' },
  engine: { backend: 'test', threads: 1 },
};

/** n numbers that differ for every step, layer and place. */
export function numbers(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) =>
    Math.fround(Math.sin(seed * 31 + index)),
  );
}

/** A step of 283 floats in three tensors; its last examples differ in number, as in a training. */
export function stepRecord(step: number): StepRecord {
  return {
    step,
    epoch: Math.floor(step / 10),
    label: step % 3,
    examples: Int32Array.from({ length: 3 + (step % 2) }, (_, index) => step * 10 + index),
    ghosts: Int32Array.of(step, step + 1),
    learningRate: 0.1 / (1 + Math.floor(step / 10)),
    loss: 2 / (step + 1),
    accuracy: 0.5,
    parts: [
      { layer: 'fc1', part: 'gradient', shape: [25, 10], data: numbers(250, step) },
      { layer: 'fc2', part: 'gradient', shape: [11, 3], data: numbers(33, step + 0.5) },
    ],
    sideState: [{ name: 'bn1/movingMean', shape: [5], data: numbers(5, step + 0.25) }],
  };
}

/** The state after `step` steps; its weights tell the step they belong to. */
export function stateAfter(step: number): SoundState {
  return {
    step,
    sampler: { place: step, random: [1, 2, step] },
    tensors: () => weightsAfter(step),
  };
}

export function weightsAfter(step: number): NamedArray[] {
  return [
    { name: 'fc1/kernel', shape: [24, 10], data: numbers(240, -step) },
    { name: 'fc1/bias', shape: [10], data: numbers(10, -step - 0.5) },
    { name: 'optimizer/fc1/kernel', shape: [3], data: numbers(3, step) },
  ];
}

/** Every layer's gradient in a codec. */
export function storedIn(codec: NumberCodec): Map<string, LayerStorage> {
  return new Map(
    description.tracedLayers.map(({ name: layer, columns }) => [
      layer,
      { layer, parts: [partStorage('gradient', codec, columns)], errorBound: 0.001 },
    ]),
  );
}

export interface RecordPlan {
  readonly to: number;
  readonly finish?: boolean;
  readonly onAcknowledged?: (steps: number) => void;
}

/** A run's writer, on this thread or behind another. */
export type AnyWriter = TraceWriter | ThreadedWriter;

/** Records on to step `plan.to`, committing whenever it is due. */
export async function recordSteps(writer: AnyWriter, plan: RecordPlan): Promise<void> {
  const from = Math.max(writer.resume.committedSteps, writer.committedSteps);
  for (let step = from; step < plan.to; step += 1) {
    await writer.append(stepRecord(step));
    // A training lets messages in between two steps.
    await new Promise((resolve) => setImmediate(resolve));
    if (writer.commitDue) {
      await writer.commit(stateAfter(step + 1));
      plan.onAcknowledged?.(writer.committedSteps);
    }
  }
  const end = stateAfter(plan.to);
  await (plan.finish ? writer.finish(end, { testAccuracy: 0.9 }) : writer.commit(end));
  plan.onAcknowledged?.(writer.committedSteps);
}

/** A finished run of `steps` steps. */
export async function recordRun(folder: string, steps = 40): Promise<void> {
  const writer = await TraceWriter.create(folder, description, stateAfter(0), small);
  await recordSteps(writer, { to: steps, finish: true });
  await writer.close();
}

/** Everything a reader has for the steps it tells, compared with what was recorded. */
export async function differences(reader: TraceReader): Promise<string[]> {
  const wrong: string[] = [];
  const seen = new Map<number, number>();
  const layers = ['fc1', 'fc2'];
  for await (const parts of reader.scan({ layers, parts: ['gradient'] })) {
    for (const { step, layer, part, data } of parts) {
      const expected = stepRecord(step).parts.find((p) => p.layer === layer && p.part === part);
      if (!expected || !sameFloats(expected.data, data)) wrong.push(`${step}/${part}/${layer}`);
      seen.set(step, (seen.get(step) ?? 0) + 1);
    }
  }
  for (let step = 0; step < reader.steps.count; step += 1) {
    if (seen.get(step) !== 2) wrong.push(`step ${step} has ${seen.get(step)} parts`);
  }
  return wrong;
}

export function sameFloats(one: Float32Array, other: Float32Array): boolean {
  return one.length === other.length && one.every((value, index) => Object.is(value, other[index]));
}

/** A writer that is spoken to as one on another thread is, on a file system of the test's own. */
export function writerBehindMessages(fileSystem: FileSystem): WriterThread {
  const { port1, port2 } = new MessageChannel();
  serveWriter(port2, fileSystem);
  const end = async (): Promise<void> => port1.close();
  return { port: port1, lost: new Promise(() => undefined), end };
}
