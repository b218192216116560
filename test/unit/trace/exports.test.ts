import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NamedArray, StepRecord } from '../../../src-main/engine/records';
import type { SoundState } from '../../../src-main/trace/checkpoints';
import {
  exportBatches,
  exportUpdates,
  exportWeights,
  weightsBefore,
} from '../../../src-main/trace/exports';
import { type ApplyUpdate, plainSgd } from '../../../src-main/trace/replay';
import { readTensors } from '../../../src-main/trace/safetensors';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { description, numbers, small, stepRecord } from './fixtures';
import { temporaryFolder } from './temporary-folder';

const steps = 40;

/** Momentum .9 in fp32, with the update kept apart. */
const momentum: ApplyUpdate = ({ weights, velocity }, gradient, { learningRate }) => {
  const next = gradient.map((g, i) => Math.fround((velocity?.[i] ?? 0) * Math.fround(0.9)) + g);
  const update = next.map((b) => -Math.fround(b * Math.fround(learningRate)));
  return { weights: weights.map((w, i) => w + (update[i] ?? 0)), velocity: next, update };
};

interface Trained {
  readonly reader: TraceReader;
  readonly folder: string;
  /** Per layer, the matrix before each step and after the last, and the updates. */
  readonly weights: Record<string, Float32Array[]>;
  readonly updates: Record<string, Float32Array[]>;
}

/** A run whose checkpoints hold what `apply` makes of its gradients. */
async function train(apply: ApplyUpdate): Promise<Trained> {
  const folder = join(temporaryFolder(), 'run');
  const weights: Trained['weights'] = { fc1: [numbers(250, 100)], fc2: [numbers(33, 200)] };
  const updates: Trained['updates'] = { fc1: [], fc2: [] };
  const velocity: Record<string, Float32Array | null> = { fc1: null, fc2: null };
  let side = numbers(5, 300);
  const stateAt = (step: number): SoundState => ({
    step,
    sampler: null,
    tensors: () => parametersOf(weights, velocity, step, side),
  });
  const writer = await TraceWriter.create(folder, description, stateAt(0), small);
  for (let step = 0; step < steps; step += 1) {
    const record: StepRecord = stepRecord(step);
    for (const { layer, data } of record.parts) {
      const before = { weights: weights[layer]?.[step] ?? data, velocity: velocity[layer] ?? null };
      const at = { step, learningRate: record.learningRate };
      const after = apply(before, data, at);
      weights[layer]?.push(after.weights);
      updates[layer]?.push(after.update ?? new Float32Array(0));
      velocity[layer] = after.velocity;
    }
    side = record.sideState[0]?.data ?? side;
    await writer.append(record);
    if (writer.commitDue) await writer.commit(stateAt(step + 1));
  }
  await writer.finish(stateAt(steps));
  await writer.close();
  return { reader: await TraceReader.open(folder), folder, weights, updates };
}

function parametersOf(
  weights: Trained['weights'],
  velocity: Record<string, Float32Array | null>,
  step: number,
  side: Float32Array,
): NamedArray[] {
  const split = (prefix: string, layer: string, matrix: Float32Array, columns: number) => [
    {
      name: `${prefix}${layer}/kernel`,
      shape: [matrix.length / columns - 1, columns],
      data: matrix.slice(0, -columns),
    },
    { name: `${prefix}${layer}/bias`, shape: [columns], data: matrix.slice(-columns) },
  ];
  const layers = [['fc1', 10] as const, ['fc2', 3] as const];
  return [
    ...layers.flatMap(([layer, columns]) =>
      split('', layer, weights[layer]?.[step] ?? new Float32Array(0), columns),
    ),
    { name: 'bn1/movingMean', shape: [5], data: side },
    ...layers.flatMap(([layer, columns]) => {
      const matrix = velocity[layer];
      return matrix ? split('optimizer/', layer, matrix, columns) : [];
    }),
  ];
}

describe.each([
  ['plain SGD', plainSgd],
  ['momentum', momentum],
])('exports of a run trained with %s', (_name, apply) => {
  it('give the weights before every step, bit for bit', async () => {
    const { reader, weights } = await train(apply);
    expect(reader.checkpoints.length).toBeGreaterThan(2);
    for (const step of [0, 1, 7, 19, 38, 39, 40]) {
      const tensors = await weightsBefore(reader, step, { apply });
      expect(tensors.map(({ name }) => name)).toEqual([
        'fc1/kernel',
        'fc1/bias',
        'fc2/kernel',
        'fc2/bias',
        'bn1/movingMean',
      ]);
      const [kernel, bias] = tensors;
      const matrix = weights.fc1?.[step];
      expect(kernel?.shape).toEqual([24, 10]);
      expect(kernel?.data).toEqual(matrix?.slice(0, -10));
      expect(bias?.data).toEqual(matrix?.slice(-10));
      const side = step === 0 ? numbers(5, 300) : stepRecord(step - 1).sideState[0]?.data;
      expect(tensors[4]?.data).toEqual(side);
    }
    reader.close();
  });

  it('give the updates of a range of steps, named by step', async () => {
    const { reader, updates, folder } = await train(apply);
    const path = `${folder}.updates.safetensors`;
    await exportUpdates(reader, 'fc2', { from: 9, to: 12 }, path, { apply });
    expect(await readTensors(path)).toEqual(
      [9, 10, 11].map((step) => ({
        name: String(step),
        shape: [11, 3],
        data: updates.fc2?.[step],
      })),
    );
    reader.close();
  });
});

describe('exports', () => {
  it('refuse what is not there in one sentence', async () => {
    const { reader, folder } = await train(plainSgd);
    const path = `${folder}.out`;
    const range = { from: 0, to: 41 };
    await expect(exportUpdates(reader, 'fc9', range, path)).rejects.toThrow(
      `${folder} has no traced layer "fc9"; it has fc1, fc2.`,
    );
    await expect(exportUpdates(reader, 'fc1', range, path)).rejects.toThrow(
      'Steps 0:41 are not in this run; it has steps 0:40.',
    );
    await expect(exportWeights(reader, 41, path)).rejects.toMatchObject({
      code: 'request-invalid',
    });
    await expect(exportWeights(reader, 3, `${folder}/none/x`)).rejects.toMatchObject({
      code: 'write-failed',
    });
    reader.close();
  });

  it('write the batches as one JSON object a line', async () => {
    const { reader, folder } = await train(plainSgd);
    const path = `${folder}.jsonl`;
    await exportBatches(reader, path);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(steps);
    expect(lines[12]).toBe(
      '{"step":12,"label":0,"examples":[120,121,122],"ghosts":[12,13],"learningRate":0.05,"loss":0.15384615384615385}',
    );
    reader.close();
  });
});
