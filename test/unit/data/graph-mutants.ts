import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { areGraphs, type RawGraphs, type RawSplit } from '../../../src-main/data/data-set';
import { GraphSplit } from '../../../src-main/data/graph-split';
import type { Importer } from '../../../src-main/data/imports/importer';
import { ogbImporter } from '../../../src-main/data/imports/ogb-importer';
import { smilesImporter } from '../../../src-main/data/imports/smiles-importer';
import { tuImporter } from '../../../src-main/data/imports/tu-importer';
import { DeltascopeError } from '../../../src-shared/errors';
import { Random } from '../../../src-shared/random';
import { newFolder } from './files';
import { graphImportOf } from './graph-import';
import { mutate } from './mutate';

const fixtures = fileURLToPath(new URL('../../fixtures/graphs', import.meta.url));
/** Milliseconds of processors for one file of a few hundred bytes: far more than it takes, far less than a hang. */
const longest = 5000;

/** Mutants of graph data sets: each is read into graphs that hold together, or refused in a sentence. */
export function describeGraphMutants(count: number): void {
  describe(`${count} mutants of each graph format are read or refused`, () => {
    it.each([
      ['ogb-nodes', ogbImporter],
      ['TOY', tuImporter],
    ] as const)('%s', async (fixture, importer) => {
      const random = Random.seeded(11, fixture);
      const sound = join(fixtures, fixture);
      const files = readdirSync(sound, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.(gz|txt)$/.test(file),
      );
      const folder = newFolder();
      cpSync(sound, folder, { recursive: true });
      let refused = 0;
      for (let mutant = 0; mutant < count; mutant++) {
        const file = files[random.integer(files.length)] as string;
        const bytes = readFileSync(join(sound, file));
        const insidePacking = file.endsWith('.gz') && random.integer(4) > 0;
        const changed = insidePacking
          ? gzipSync(mutate(gunzipSync(bytes), random))
          : mutate(bytes, random);
        writeFileSync(join(folder, file), changed);
        refused += await survives(importer, folder, /(, row \d+|, byte \d+): .+\.$/s);
        writeFileSync(join(folder, file), bytes);
      }
      expect(refused).toBeGreaterThan(count / 3);
    });

    it('molecules.csv', async () => {
      const random = Random.seeded(11, 'molecules');
      const bytes = readFileSync(join(fixtures, 'molecules.csv'));
      const path = join(newFolder(), 'mutant.csv');
      let refused = 0;
      for (let mutant = 0; mutant < count; mutant++) {
        writeFileSync(path, mutate(bytes, random));
        refused += await survives(smilesImporter, path, /^(mutant.*row \d+: .+\.|With a test.*)$/s);
      }
      expect(refused).toBeGreaterThan(0);
    });
  });
}

/** @returns 1 where it was refused */
async function survives(importer: Importer, path: string, message: RegExp): Promise<0 | 1> {
  const begin = process.cpuUsage();
  try {
    const { train, test, classNames } = await graphImportOf(importer, path);
    for (const raw of [train, test]) expectSound(graphsOf(raw), classNames.length);
    return 0;
  } catch (error) {
    if (!(error instanceof DeltascopeError)) throw error;
    expect(['data-corrupt', 'data-missing', 'request-invalid']).toContain(error.code);
    expect(error.message).toMatch(message);
    return 1;
  } finally {
    const { user, system } = process.cpuUsage(begin);
    expect((user + system) / 1000).toBeLessThan(longest);
  }
}

function graphsOf(raw: RawSplit): RawGraphs {
  if (!areGraphs(raw)) throw new Error('no graphs');
  return raw;
}

/** Every node that an edge names is there, and every number is one. */
function expectSound(raw: RawGraphs, classes: number): void {
  const { graphs, labels } = new GraphSplit('train', raw);
  for (const [index, label] of labels.entries()) {
    expect(label >= 0 && label < classes).toBe(true);
    const { nodes, source, target, nodeFeatures, edgeFeatures } = graphs.read(index);
    expect(nodes).toBeGreaterThan(0);
    expect(nodeFeatures.length).toBe(nodes * raw.nodeFeatures);
    expect(edgeFeatures.length).toBe(source.length * raw.edgeFeatures);
    expect([...source, ...target].every((node) => node >= 0 && node < nodes)).toBe(true);
    expect([...nodeFeatures, ...edgeFeatures].every(Number.isFinite)).toBe(true);
  }
}
