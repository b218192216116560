import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { areGraphs, type RawGraphs, type RawSplit } from '../../../src-main/data/data-set';
import { FileNumbers } from '../../../src-main/data/file-numbers';
import { importedDataFolder } from '../../../src-main/data/folders';
import { GraphSplit } from '../../../src-main/data/graph-split';
import { ogbImporter } from '../../../src-main/data/imports/ogb-importer';
import { StagedImport } from '../../../src-main/data/imports/staged-import';
import { Scratch } from '../../../src-main/data/scratch';
import { readStored } from '../../../src-main/data/stored';
import { noImportOptions } from '../../../src-shared/contract/imports';
import { Random } from '../../../src-shared/random';
import { failureOf, newFolder } from './files';

const graphs = 60;
/** Bytes of an array that may be in memory here: a hundredth of the edges' features. */
const window = 4096;
const context = { signal: new AbortController().signal, onProgress: () => undefined };

/** A folder of random graphs with 7 features an edge, about 40 edges each. */
function ogbFolder(): string {
  const folder = newFolder();
  const random = Random.seeded(5, 'large graphs');
  const counts = Array.from({ length: graphs }, () => 20 + random.integer(40));
  const write = (name: string, rows: readonly (string | number)[]): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, `${name}.csv`), `${rows.join('\n')}\n`);
  };
  const edges = counts.flatMap((count) => Array.from({ length: count }, () => count));
  write('raw/num-node-list', new Array(graphs).fill(15));
  write('raw/num-edge-list', counts);
  write(
    'raw/node-feat',
    Array.from({ length: 15 * graphs }, () => random.uniform().toFixed(3)),
  );
  write(
    'raw/edge',
    edges.map(() => `${random.integer(15)},${random.integer(15)}`),
  );
  write(
    'raw/edge-feat',
    edges.map(() => Array.from({ length: 7 }, () => random.uniform().toFixed(3)).join(',')),
  );
  write(
    'raw/graph-label',
    counts.map((_, graph) => graph % 3),
  );
  // Not in the order of the files.
  const order = random.shuffle(Int32Array.from({ length: graphs }, (_, i) => i));
  write('split/random/train', [...order.subarray(0, 40)]);
  write('split/random/test', [...order.subarray(40)]);
  return folder;
}

function graphsOf(raw: RawSplit): RawGraphs {
  if (!areGraphs(raw)) throw new Error('no graphs');
  return raw;
}

beforeEach(() => {
  for (const home of ['XDG_DATA_HOME', 'XDG_CACHE_HOME']) vi.stubEnv(home, newFolder());
});

describe('graphs whose edges do not fit into the window', () => {
  it('are not trusted: an edge into no node of its graph is refused where it is read', () => {
    const raw = (ends: readonly number[]): RawGraphs => ({
      ...{ labels: Int32Array.of(0), nodeCounts: Int32Array.of(61), edgeCounts: Int32Array.of(2) },
      ...{ source: Int32Array.of(0, 60), target: Int32Array.from(ends), smiles: null },
      ...{
        nodeFeatures: 0,
        edgeFeatures: 0,
        nodes: new Float32Array(0),
        edges: new Float32Array(0),
      },
    });
    const split = new GraphSplit('train', raw([60, 1]));
    expect(Array.from(split.graphs.read(0).target)).toEqual([1, 60]);
    // Nor is there a picture of so many nodes: words stand in its place.
    expect(split.cells(0)).toEqual([{ column: 'graph of', value: '61 nodes, 2 directed edges' }]);
    for (const end of [-1, 61]) {
      const { graphs } = new GraphSplit('train', raw([0, end]));
      expect(() => graphs.read(0)).toThrow(/ends in a node that its graph does not have/);
    }
  });

  it('are read as those in memory, and leave nothing behind', async () => {
    const folder = ogbFolder();
    const aside = newFolder();
    const scratch = new Scratch(aside, window);
    const whole = await ogbImporter.read(folder, noImportOptions, context);
    const parts = await ogbImporter.read(folder, noImportOptions, { ...context, scratch });
    for (const split of ['train', 'test'] as const) {
      const [all, some] = [graphsOf(whole[split]), graphsOf(parts[split])];
      expect(all.edges).toBeInstanceOf(Float32Array);
      for (const name of ['edges', 'source', 'target', 'nodes'] as const) {
        expect(some[name], name).toBeInstanceOf(FileNumbers);
      }
      expect(some.edges.byteLength).toBeGreaterThan(10 * window);
      const [one, other] = [new GraphSplit(split, all), new GraphSplit(split, some)];
      // Not in their order either.
      for (let index = one.count - 1; index >= 0; index--) {
        expect(other.graphs.read(index)).toEqual(one.graphs.read(index));
      }
    }
    scratch.dispose();
    expect(readdirSync(aside)).toEqual([]);
  });

  it('stay in their file once they are stored, and are known by the same fingerprint', async () => {
    const request = { kind: 'ogb', path: ogbFolder(), options: noImportOptions };
    const staged = await StagedImport.read(request, context);
    await staged.keep('large');
    const folder = join(importedDataFolder(), 'large');
    const whole = await readStored(folder);
    const parts = await readStored(folder, window);
    expect(parts.fingerprint).toBe(whole.fingerprint);
    for (let index = 0; index < whole.train.count; index++) {
      expect(parts.train.graphs?.read(index)).toEqual(whole.train.graphs?.read(index));
    }
    // A file that was cut, and one whose numbers are others.
    const file = join(folder, 'edges_train.npy');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, -4));
    const cut = await failureOf(() => readStored(folder, window));
    expect(cut.message).toMatch(
      /edges_train\.npy, byte 128: \d+ × 7 numbers of 4 bytes are needed/,
    );
    bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const other = await failureOf(() => readStored(folder, window));
    expect(other.message).toMatch(/their fingerprint differs/);
  });
});
