import { expect, test } from 'vitest';
import type { StepNote } from '../../../src-main/trace/encode-step';
import { NotePacker, unpackNotes } from '../../../src-main/trace/packed-notes';

function note(step: number, examples: number, ghosts: number): StepNote {
  return {
    ...{ step, epoch: step >> 1, label: -1, learningRate: 0.1 / (step + 1) },
    ...{ loss: Number.NaN, accuracy: 1 / 3 },
    examples: Int32Array.from({ length: examples }, (_, i) => 1000 * step + i),
    ghosts: Int32Array.from({ length: ghosts }, (_, i) => -i - step),
  };
}

test('notes come out as they went in, however many examples they name', () => {
  const packer = new NotePacker();
  const notes = [note(0, 3, 0), note(1, 0, 2), note(2, 900, 40), note(3, 5000, 1)];
  for (const each of notes) packer.add(each);
  expect(unpackNotes(packer.take())).toEqual(notes);
  expect(unpackNotes(packer.take())).toEqual([]);
});

test('a note is what it was when it was packed', () => {
  const packer = new NotePacker();
  const first = note(4, 2, 1);
  packer.add(first);
  first.examples.fill(7);
  const packed = packer.take();
  packer.add(note(5, 2, 1));
  expect(unpackNotes(packed)).toEqual([note(4, 2, 1)]);
});
