import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { ArchitectureAnalysis } from '../../src-shared/architecture/architecture';
import type { Explanation } from '../../src-shared/explanation/explanation';
import { Random } from '../../src-shared/random';
import { readJson, scratch, succeed, writeRecipe } from '../support/command-line';

/**
 * The paper's two recipes as they are in resources/recipes, on generated data in the layout and the
 * shapes of the real ones; only the number of steps is other.
 */

const recipes = join(import.meta.dirname, '../../resources/recipes');

/** CIFAR-10's binary layout, 3073 bytes a record: a colour by class under noise. */
function writeCifar(folder: string): void {
  const random = Random.seeded(3, 'cifar');
  mkdirSync(folder, { recursive: true });
  const records = (count: number): Buffer => {
    const bytes = Buffer.alloc(3073 * count);
    for (let i = 0; i < count; i++) {
      const label = i % 10;
      bytes[3073 * i] = label;
      for (let k = 0; k < 3072; k++) {
        const plane = Math.floor(k / 1024);
        bytes[3073 * i + 1 + k] = random.integer(128) + ((label >> plane) & 1 ? 127 : 0);
      }
    }
    return bytes;
  };
  for (let batch = 1; batch <= 5; batch++) {
    writeFileSync(join(folder, `data_batch_${batch}.bin`), records(200));
  }
  writeFileSync(join(folder, 'test_batch.bin'), records(100));
  const names = 'airplane automobile bird cat deer dog frog horse ship truck';
  writeFileSync(join(folder, 'batches.meta.txt'), `${names.replaceAll(' ', '\n')}\n`);
}

/** ogbg-ppa's layout: 37 classes, about 243 nodes and 2,266 edges a graph, 7 features an edge. */
function writePpa(folder: string): void {
  const random = Random.seeded(4, 'ppa');
  const [classes, each] = [37, 4];
  const count = classes * each;
  const write = (name: string, rows: readonly (string | number)[]): void => {
    const path = join(folder, `${name}.csv.gz`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, gzipSync(`${rows.join('\n')}\n`, { level: 1 }));
  };
  const nodes = Array.from({ length: count }, () => 193 + random.integer(101));
  const edges = Array.from({ length: count }, () => 2016 + random.integer(501));
  write('raw/num-node-list', nodes);
  write('raw/num-edge-list', edges);
  write(
    'raw/edge',
    edges.flatMap((own, graph) =>
      Array.from({ length: own }, () => {
        const size = nodes[graph] as number;
        return `${random.integer(size)},${random.integer(size)}`;
      }),
    ),
  );
  write(
    'raw/edge-feat',
    edges.flatMap((own, graph) =>
      Array.from({ length: own }, () =>
        Array.from({ length: 7 }, (_, k) =>
          (0.8 * random.uniform() + (graph % classes === k ? 0.2 : 0)).toFixed(3),
        ).join(','),
      ),
    ),
  );
  const all = [...nodes.keys()];
  write(
    'raw/graph-label',
    all.map((graph) => graph % classes),
  );
  write('split/species/train', all.slice(0, 3 * classes));
  write('split/species/test', all.slice(3 * classes));
}

it.each([
  ['vgg16-cifar10.json', 'cifar10', writeCifar, 6, 16],
  // An epoch: every class has a step, which specificity is asked about.
  ['gin-ogbg-ppa.json', 'ogb', writePpa, 37, 16],
] as const)(
  '%s is recorded, verified, explained and analysed',
  async (file, kind, write, maxSteps, layers) => {
    const folder = scratch();
    const env = { XDG_DATA_HOME: join(folder, 'home'), TF_NUM_INTRAOP_THREADS: '2' };
    const recipe = JSON.parse(readFileSync(join(recipes, file), 'utf8'));
    write(join(folder, 'source'));
    await succeed(['import', kind, join(folder, 'source'), '--name', recipe.data], { env });
    const run = join(folder, 'run');
    const short = writeRecipe(folder, 'recipe.json', { ...recipe, maxSteps });
    await succeed(['record', short, '--into', run], { env });

    const out = join(folder, 'out.json');
    await succeed(['verify', run, '--json', out], { env });
    const verified = readJson<{
      ok: boolean;
      layers: { name: string; residual: number; errorBound: number }[];
    }>(out);
    expect(verified.ok).toBe(true);
    expect(verified.layers).toHaveLength(layers);
    for (const { name, residual, errorBound } of verified.layers) {
      expect(residual, name).toBeLessThan(Math.max(1e-5, errorBound));
    }

    await succeed(['explain', run, '--example', 'test:1', '--json', out], { env });
    const [explained] = readJson<Explanation[]>(out);
    for (const {
      name,
      initializationShare,
      ghostShare,
      classes,
      errorBound,
    } of explained?.layers ?? []) {
      const whole = classes.reduce(
        (sum, { share }) => sum + share,
        initializationShare + ghostShare,
      );
      expect(Math.abs(whole - 1), name).toBeLessThan(Math.max(1e-4, errorBound));
    }

    await succeed(['architecture', run, '--examples', '4', '--json', out], { env });
    const analysis = readJson<ArchitectureAnalysis>(out);
    expect(analysis.over).toBe('steps');
    expect(analysis.layers.map(({ name }) => name)).toEqual(
      verified.layers.map(({ name }) => name),
    );
  },
);
