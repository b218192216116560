import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { DeltascopeError } from '../../src-shared/errors';
import type { Batch } from '../engine/sampler';

const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const row = v.object({
  step: v.optional(index),
  label: v.pipe(v.number(), v.integer(), v.minValue(-1)),
  examples: v.pipe(v.array(index), v.minLength(1)),
  ghosts: v.optional(v.array(index), []),
  learningRate: v.pipe(v.number(), v.minValue(0)),
});

/**
 * Reads batches in the shape that `export batches` writes: one JSON object a line.
 *
 * @param trainingExamples size of the training split, which indices have to stay below
 * @param perEpoch how many of them take part in the training
 * @throws `data-missing`, `data-corrupt` naming file, line and rule
 */
export async function readOrder(
  path: string,
  trainingExamples: number,
  perEpoch: number,
): Promise<Batch[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new DeltascopeError('data-missing', 'recipe', `The order file ${path} cannot be read.`);
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) {
    const message = `The order file ${path} is not usable: it has no batch.`;
    throw new DeltascopeError('data-corrupt', 'recipe', message);
  }
  let examplesSeen = 0;
  return lines.map((line, step) => {
    const parsed = v.safeParse(row, parseLine(line, path, step));
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw corrupt(path, step, `field '${v.getDotPath(issue) ?? ''}': ${issue.message}`);
    }
    const { label, examples, ghosts, learningRate } = parsed.output;
    const beyond = [...examples, ...ghosts].find((i) => i >= trainingExamples);
    if (beyond !== undefined) {
      throw corrupt(path, step, `example ${beyond} is beyond the ${trainingExamples} there are`);
    }
    const epoch = Math.floor(examplesSeen / perEpoch);
    examplesSeen += examples.length;
    return {
      step,
      epoch,
      label,
      examples: Int32Array.from(examples),
      ghosts: Int32Array.from(ghosts),
      learningRate,
    };
  });
}

function parseLine(line: string, path: string, step: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw corrupt(path, step, 'it is no JSON');
  }
}

function corrupt(path: string, step: number, rule: string): DeltascopeError {
  return new DeltascopeError(
    'data-corrupt',
    'recipe',
    `The order file ${path} is not usable: line ${step + 1}, ${rule}.`,
  );
}
