import { beforeAll, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { writtenTensor } from '../../../src-main/engine/written-tensor';

beforeAll(startEngine);

it('keeps the numbers of each tensor, though one array may serve all', () => {
  const tensors = [4, 6, 2].map((size) => writtenTensor([2, size / 2], (into) => into.fill(size)));
  for (const [i, size] of [4, 6, 2].entries()) {
    expect(tensors[i]?.arraySync()).toEqual(Array(2).fill(Array(size / 2).fill(size)));
    tensors[i]?.dispose();
  }
});
