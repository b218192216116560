import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GraphSplit } from '../../../src-main/data/graph-split';
import { smilesImporter } from '../../../src-main/data/imports/smiles-importer';
import { noImportOptions } from '../../../src-shared/contract/imports';
import { failureOf, fileOf } from './files';
import { graphImportOf, graphsOf } from './graph-import';

const context = { signal: new AbortController().signal, onProgress: () => undefined };

describe('molecules', () => {
  const table = join(import.meta.dirname, '../../fixtures/graphs/molecules.csv');

  it('become graphs of atoms and bonds', async () => {
    const read = await graphImportOf(smilesImporter, table, { testFraction: 0.3 });
    expect(read.classNames).toEqual(['alcohol', 'ring', 'salt']);
    const raw = graphsOf(read.train);
    const { graphs } = new GraphSplit('train', raw);
    const at = (smiles: string) => graphs.read(raw.smiles?.indexOf(smiles) ?? -1);
    const known = (raw.smiles ?? []).includes('CO') ? at('CO') : null;
    // Methanol: C has 3 hydrogens, O has 1; one single bond in both directions, no ring.
    if (known) {
      expect([...known.nodeFeatures]).toEqual([
        ...[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0],
        ...[0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0],
      ]);
      expect([...known.edgeFeatures]).toEqual([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    }
    expect(raw.nodeFeatures).toBe(14);
  });

  it.each([
    ['CCQ,x,ring', "'CCQ' is no SMILES that RDKit can read."],
    [',x,ring', 'the SMILES is missing.'],
    ['CC,x,', 'the label is missing.'],
    ['CC,x', 'it has 2 fields, but the header has 3.'],
  ])('are refused in a row %s', async (line, rule) => {
    const file = fileOf(Buffer.from(`${readFileSync(table, 'utf8')}${line}\n`), 'bad.csv');
    const failure = await failureOf(() => graphImportOf(smilesImporter, file));
    expect(failure.message).toContain(`bad.csv, row 11: ${rule}`);
  });

  it('need their columns', async () => {
    const file = fileOf(Buffer.from('smile,label\nC,1\n'), 'bad.csv');
    const failure = await failureOf(() => graphImportOf(smilesImporter, file));
    expect(failure.message).toContain("row 1: the header has no column 'smiles' (is it 'smile'?).");
  });

  it('are drawn as molecules', async () => {
    const read = await smilesImporter.read(table, noImportOptions, context);
    const split = new GraphSplit('train', graphsOf(read.train));
    const picture = await split.thumbnail(0);
    expect([picture?.width, picture?.height, picture?.channels]).toEqual([128, 128, 3]);
    const { pixels } = picture ?? { pixels: new Uint8Array() };
    expect(pixels).toHaveLength(128 * 128 * 3);
    // A drawing: mostly white paper, and some ink.
    const white = pixels.filter((value) => value === 255).length / pixels.length;
    expect(white).toBeGreaterThan(0.8);
    expect(white).toBeLessThan(0.995);
  });
});
