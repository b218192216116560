import { describe, expect, it } from 'vitest';
import { RowPlaces } from '../../../../src-main/engine/codecs/row-places';
import { partStorage } from '../../../../src-main/engine/codecs/storage';
import { storedOnce } from '../../../../src-main/engine/codecs/stored-once';
import type { TracedLayer } from '../../../../src-main/engine/records';
import type { LayerSpec } from '../../../../src-shared/model/layer-spec';
import { resolveModel } from '../../../../src-shared/model/shapes';

const flatten: LayerSpec = { type: 'Flatten', name: 'flatten' };
const dense: LayerSpec = { type: 'Dense', name: 'fc', units: 8 };
const convolution: LayerSpec = { type: 'Conv2D', name: 'conv', filters: 2, kernelSize: 3 };

/** The first part of the layer `fc` behind some layers, stored as X and D in a codec. */
function firstPart(
  before: readonly LayerSpec[],
  shape: readonly number[],
  { codec = 'int16' as 'int16' | 'dense', augments = false } = {},
): string | undefined {
  const specs: LayerSpec[] = [...before, dense, { type: 'Dense', name: 'out', units: 3 }];
  const { nodes, traced } = resolveModel(specs, [...shape], 3);
  const layer = traced.find(({ name }) => name === 'fc') as TracedLayer;
  const length = layer.rows - 1;
  const parts = [partStorage('inputs', codec, length), partStorage('deltas', codec, 8)];
  const storage = { layer: 'fc', parts, errorBound: 0.001 };
  return storedOnce(storage, layer, { nodes, augments }).parts[0]?.part;
}

describe('X is stored once', () => {
  it.each<[string, LayerSpec[], number[]]>([
    ['of the examples themselves', [], [80]],
    ['of pictures, flattened', [flatten], [8, 8, 1]],
    [
      'of numbers in another shape',
      [{ type: 'Reshape', name: 'reshape', targetShape: [4, 16] }, flatten],
      [64],
    ],
  ])('%s', (_, before, shape) => {
    expect(firstPart(before, shape)).toBe('rows');
  });

  it.each<[string, LayerSpec[], number[]]>([
    ['behind dropout', [{ type: 'Dropout', name: 'drop', rate: 0.1 }], [80]],
    ['behind batch normalisation', [{ type: 'BatchNormalization', name: 'bn' }], [80]],
    ['behind a layer that learns', [convolution, flatten], [10, 10, 1]],
    ['behind an activation', [{ type: 'ReLU', name: 'relu' }], [80]],
  ])('but not %s', (_, before, shape) => {
    expect(firstPart(before, shape)).toBe('inputs');
  });

  it('but not where examples change from step to step', () => {
    expect(firstPart([flatten], [8, 8, 1], { augments: true })).toBe('inputs');
  });

  it('and only where no scale is shared by two rows', () => {
    expect(firstPart([], [100])).toBe('inputs');
    expect(firstPart([], [100], { codec: 'dense' })).toBe('rows');
  });
});

describe('examples that are taken for the first time', () => {
  it('are told once, the batch’s before the ghosts’', () => {
    const places = new RowPlaces();
    let step = 0;
    const fresh = (examples: number[], ghosts: number[]): number[] => {
      const taken = { step, examples: Int32Array.from(examples), ghosts: Int32Array.from(ghosts) };
      step += 1;
      return [...places.fresh(taken, examples.length + ghosts.length)];
    };
    expect(fresh([3, 3, 7, 9], [7, 11])).toEqual([0, 2, 3, 5]);
    expect(fresh([11, 2, 3], [2, 2])).toEqual([1]);
    expect(fresh([2], [])).toEqual([]);
    expect(fresh([70_000, 3], [5_000])).toEqual([0, 2]);
    expect(fresh([5_000, 70_000], [])).toEqual([]);
  });

  it('are not told of ghosts that no gradient flows to', () => {
    const places = new RowPlaces();
    const taken = { step: 0, examples: Int32Array.of(3, 7), ghosts: Int32Array.of(9) };
    expect([...places.fresh(taken, 2)]).toEqual([0, 1]);
    expect([...places.fresh({ ...taken, examples: Int32Array.of(9, 3) }, 2)]).toEqual([0]);
  });
});
