import { describe, expect, it } from 'vitest';
import { shapeInWords } from '../../../src-shared/model/graph-shape';

describe('the shape of examples in words', () => {
  it.each([
    [[28, 28, 1], '28 × 28 × 1'],
    [[11], '11 numbers'],
    [[1], '1 number'],
    [[-1, 14, -1, 6], 'graph, 14 numbers a node, 6 numbers an edge'],
  ])('of %j', (shape, words) => {
    expect(shapeInWords(shape)).toBe(words);
  });
});
