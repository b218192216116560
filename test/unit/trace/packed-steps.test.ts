import { expect, test } from 'vitest';
import type { StepNote } from '../../../src-main/trace/encode-step';
import { StepPacker, unpackSteps } from '../../../src-main/trace/packed-steps';

function note(step: number, examples: number, ghosts: number): StepNote {
  return {
    ...{ step, epoch: step >> 1, label: -1, learningRate: 0.1 / (step + 1) },
    ...{ loss: Number.NaN, accuracy: 1 / 3 },
    examples: Int32Array.from({ length: examples }, (_, i) => 1000 * step + i),
    ghosts: Int32Array.from({ length: ghosts }, (_, i) => -i - step),
  };
}

test('steps come out as they went in, however many examples they name', () => {
  const packer = new StepPacker();
  const notes = [note(0, 3, 0), note(1, 0, 2), note(2, 900, 40), note(3, 5000, 1)];
  const stretches = notes.map((_, i) => Array.from({ length: 2 * i }, (__, k) => 2 ** 33 * i + k));
  for (const [i, each] of notes.entries()) {
    packer.add(each, 7 - i, 2 ** 40 + i, stretches[i] as number[]);
  }
  const found = unpackSteps(packer.take());
  expect(found.map((step) => step.note)).toEqual(notes);
  expect(found.map(({ layout, place }) => [layout, place])).toEqual(
    notes.map((_, i) => [7 - i, 2 ** 40 + i]),
  );
  expect(found.map((step) => Array.from(step.stretches))).toEqual(stretches);
  expect(unpackSteps(packer.take())).toEqual([]);
});

test('a step is what it was when it was packed', () => {
  const packer = new StepPacker();
  const first = note(4, 2, 1);
  packer.add(first, 0, 8, [0, 8]);
  first.examples.fill(7);
  const packed = packer.take();
  packer.add(note(5, 2, 1), 1, 9, [8, 1]);
  expect(unpackSteps(packed).map((step) => step.note)).toEqual([note(4, 2, 1)]);
});
