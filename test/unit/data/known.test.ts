import { describe, expect, it } from 'vitest';
import { listDataSets, openDataSet } from '../../../src-main/data/catalogue';
import { knownDataSets, locate } from '../../../src-main/data/known';
import { DeltascopeError } from '../../../src-shared/errors';

function counts(labels: Int32Array): number[] {
  const result = new Array<number>(10).fill(0);
  for (const label of labels) result[label] = (result[label] ?? 0) + 1;
  return result;
}

describe('MNIST', () => {
  it('is the published one', async () => {
    const mnist = await openDataSet('mnist', '/');
    expect(mnist.shape).toEqual([28, 28, 1]);
    expect([mnist.train.count, mnist.test.count]).toEqual([60_000, 10_000]);
    expect([...mnist.train.labels.slice(0, 6)]).toEqual([5, 0, 4, 1, 9, 2]);
    expect([...mnist.test.labels.slice(0, 6)]).toEqual([7, 2, 1, 0, 4, 1]);
    expect(counts(mnist.train.labels)).toEqual([
      5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]);
    expect(counts(mnist.test.labels)).toEqual([
      980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]);
    const batch = new Float32Array(2 * 784);
    mnist.train.gather([59_999, 0], batch);
    const picture = mnist.train.thumbnail(0);
    expect(picture?.pixels.length).toBe(784);
    // Row 5 of the first image is where its first stroke starts.
    expect([...(picture?.pixels.slice(5 * 28 + 12, 5 * 28 + 15) ?? [])]).toEqual([3, 18, 18]);
    expect(batch[784 + 5 * 28 + 13]).toBe(Math.fround(18 / 255));
    // The mean and deviation that everyone normalises by.
    const all = new Float32Array(60_000 * 784);
    mnist.train.gather(
      Int32Array.from({ length: 60_000 }, (_, i) => i),
      all,
    );
    expect(all.reduce((sum, value) => sum + value, 0) / all.length).toBeCloseTo(0.1307, 4);
    const info = listDataSets().find((candidate) => candidate.name === 'mnist');
    expect(info).toMatchObject({ available: true, fingerprint: mnist.fingerprint });
    expect(mnist.fingerprint).toBe(
      '0472727f121666108f272e81ab90a2a8cacf77ce5c98269e4b35da656ef09571',
    );
  });
});
