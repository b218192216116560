import { describe, expect, it } from 'vitest';
import type { StepLayout } from '../../../src-main/trace/layout';
import { planScan, type ScanSource } from '../../../src-main/trace/scan-plan';

/** Three steps of two parts of 10 bytes each, one after another in a shard of blocks of 8 bytes. */
const layout: StepLayout = {
  bytes: 20,
  entries: (['inputs', 'deltas'] as const).map((group, i) => ({
    ...{ group, name: 'l', codec: 'dense', shape: [] },
    tensors: [{ suffix: '', dtype: 'F32', shape: [], begin: 10 * i, end: 10 * i + 10 }],
  })),
};
const column = new Float64Array(3);
const source: ScanSource = {
  steps: {
    table: {
      ...{ count: 3, label: new Int32Array(3), epoch: new Int32Array(3) },
      ...{ learningRate: column, loss: column, accuracy: column },
    },
    ...{
      shard: new Int32Array(3),
      position: Float64Array.of(0, 20, 40),
      layout: new Int32Array(3),
    },
  },
  shards: new Map([
    [0, { shard: 0, file: 's', bytes: 60, blockBytes: 8, hashes: new Uint8Array(64) }],
  ]),
  layouts: new Map([[0, layout]]),
  place: 'the index',
};
const query = { layers: ['l'], parts: ['inputs', 'deltas'] } as const;

describe('a scan in batches of 16 bytes', () => {
  const stepsOf = (whole: boolean): number[][] =>
    Array.from(planScan(source, query, 16, whole), ({ parts }) => parts.map(({ step }) => step));

  it('cuts where a batch is full', () => {
    expect(stepsOf(false)).toEqual([[0], [0], [1], [1], [2], [2]]);
  });

  it('keeps a step’s parts together where they have to be', () => {
    expect(stepsOf(true)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });
});
