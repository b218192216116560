import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { GraphSplit } from '../../../src-main/data/graph-split';
import { ogbImporter } from '../../../src-main/data/imports/ogb-importer';
import { tuImporter } from '../../../src-main/data/imports/tu-importer';
import { failureOf, newFolder } from './files';
import { graphImportOf, graphsOf } from './graph-import';

const fixtures = fileURLToPath(new URL('../../fixtures/graphs', import.meta.url));

interface Expected {
  readonly label: number;
  readonly nodes: number;
  readonly edges: readonly [number, number][];
  readonly edgeFeatures: readonly number[][];
  readonly nodeFeatures: readonly number[][];
}
let expected: Expected[];
beforeAll(() => {
  expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Expected[];
});

/** A copy of a fixture that may be broken. */
function copyOf(name: string): string {
  const folder = newFolder();
  cpSync(join(fixtures, name), folder, { recursive: true });
  return folder;
}

/** Changes the text of a table, packed or not. */
function change(path: string, edit: (text: string) => string): void {
  const bytes = readFileSync(path);
  const packed = path.endsWith('.gz');
  const text = edit((packed ? gunzipSync(bytes) : bytes).toString());
  writeFileSync(path, packed ? gzipSync(text) : text);
}

function nodesOf(raw: Parameters<typeof graphsOf>[0]): Float32Array {
  const { nodes } = graphsOf(raw);
  return nodes.subarray(0, nodes.length);
}

describe('OGB folders', () => {
  it('are read as a script wrote them, every edge in both directions', async () => {
    const read = await graphImportOf(ogbImporter, join(fixtures, 'ogb'));
    expect(read.classNames).toEqual(['0', '1', '2']);
    expect(read.notes.join(' ')).toContain("The split is 'species'. 1 graphs are in neither split");
    const train = new GraphSplit('train', graphsOf(read.train));
    expect(train.shape).toEqual([-1, 0, -1, 3]);
    expect([...train.labels]).toEqual([0, 1, 2, 0, 1, 2, 0]);
    const test = new GraphSplit('test', graphsOf(read.test));
    expect([...test.labels]).toEqual([2, 0, 1, 2]);
    for (const [index, place] of [8, 9, 10, 11].entries()) {
      const wanted = expected[place] as Expected;
      const graph = test.graphs.read(index);
      expect(graph.nodes).toBe(wanted.nodes);
      const edges = [...wanted.edges, ...wanted.edges.map(([u, v]) => [v, u])].map(([u, v], i) => ({
        u,
        v,
        features: wanted.edgeFeatures[i % wanted.edges.length],
      }));
      expect(graph.source.length).toBe(edges.length);
      expect([...graph.target]).toEqual([...graph.target].sort((a, b) => a - b));
      for (let edge = 0; edge < graph.source.length; edge++) {
        const found = edges.find(
          ({ u, v }) => u === graph.source[edge] && v === graph.target[edge],
        );
        const features = [...graph.edgeFeatures.subarray(3 * edge, 3 * edge + 3)];
        expect(features).toEqual(found?.features?.map(Math.fround));
      }
    }
  });

  it('give nodes their features where they have any', async () => {
    const read = await graphImportOf(ogbImporter, join(fixtures, 'ogb-nodes'));
    const { graphs, shape } = new GraphSplit('train', graphsOf(read.train));
    expect(shape).toEqual([-1, 2, -1, 3]);
    expect([...graphs.read(4).nodeFeatures]).toEqual(expected[4]?.nodeFeatures.flat());
  });

  it('are divided where they have no split', async () => {
    const folder = copyOf('ogb');
    const { rmSync } = await import('node:fs');
    rmSync(join(folder, 'split'), { recursive: true });
    const read = await graphImportOf(ogbImporter, folder, { testFraction: 0.25 });
    expect(read.test.labels).toHaveLength(3);
    expect(read.train.labels).toHaveLength(9);
  });

  const broken: [string, string, (text: string) => string, string][] = [
    [
      'a node out of range',
      'raw/edge.csv.gz',
      (t) => t.replace('0,1', '0,99'),
      'raw/edge.csv.gz, row 1: a node of graph 0 is 99; it must be a whole number from 0 to',
    ],
    [
      'a node that is no number',
      'raw/edge.csv.gz',
      (t) => t.replace('0,1', '0,x'),
      "raw/edge.csv.gz, row 1: field 2 is 'x', no finite number",
    ],
    [
      'a lacking edge',
      'raw/edge.csv.gz',
      (t) => t.replace('0,1\n', ''),
      'the file ends, but the sum of raw/num-edge-list.csv.gz gives',
    ],
    [
      'an edge too many',
      'raw/edge.csv.gz',
      (t) => `${t}0,1\n`,
      'the sum of raw/num-edge-list.csv.gz gives',
    ],
    [
      'features that lack',
      'raw/edge-feat.csv.gz',
      (t) => t.replace(/,[^,\n]*\n$/, '\n'),
      'it has 2 fields; 3 are needed.',
    ],
    [
      'features that are not finite',
      'raw/edge-feat.csv.gz',
      (t) => t.replace(/^[^,]*/, 'inf'),
      "field 1 is 'inf', no finite number",
    ],
    [
      'a negative number of nodes',
      'raw/num-node-list.csv.gz',
      (t) => t.replace(/^\d+/, '-1'),
      'raw/num-node-list.csv.gz, row 1: the number is -1; it must be a whole number from 1 to',
    ],
    [
      'a huge number of edges',
      'raw/num-edge-list.csv.gz',
      (t) => t.replace(/^\d+/, '9999999'),
      'more than the file can hold',
    ],
    [
      'a class that is none',
      'raw/graph-label.csv.gz',
      (t) => t.replace(/^\d/, '0.5'),
      'raw/graph-label.csv.gz, row 1: the class is 0.5; it must be a whole number',
    ],
    [
      'several tasks',
      'raw/graph-label.csv.gz',
      (t) => t.replace(/\n/g, ',1\n'),
      'raw/graph-label.csv.gz, row 1: it has more than the 1 fields that are needed.',
    ],
    [
      'a split beyond the graphs',
      'split/species/test.csv.gz',
      (t) => t.replace(/^\d+/, '12'),
      'split/species/test.csv.gz, row 1: the graph is 12; it must be a whole number from 0 to 11.',
    ],
    [
      'a graph in both splits',
      'split/species/test.csv.gz',
      (t) => t.replace(/^\d+/, '0'),
      'split/species/test.csv.gz, row 1: graph 0 is in the splits already.',
    ],
  ];
  it.each(broken)('refuse %s', async (_, file, edit, message) => {
    const folder = copyOf('ogb');
    change(join(folder, file), edit);
    const failure = await failureOf(() => graphImportOf(ogbImporter, folder));
    expect(failure.code).toBe('data-corrupt');
    expect(failure.message).toContain(message);
  });

  it('refuse a bomb before it fills the memory', async () => {
    const folder = copyOf('ogb');
    // 40 MB of one number in some 40 kB.
    writeFileSync(join(folder, 'raw/num-node-list.csv.gz'), gzipSync(Buffer.alloc(40e6, '1')));
    const failure = await failureOf(() => graphImportOf(ogbImporter, folder));
    expect(failure.message).toBe('raw/num-node-list.csv.gz, row 1: field 1 holds no number.');
  });

  it('say which file lacks', async () => {
    const failure = await failureOf(() => graphImportOf(ogbImporter, newFolder()));
    expect(failure.message).toContain("has no file 'raw/num-node-list.csv.gz'");
  });
});

describe('TUDataset folders', () => {
  it('are read as a script wrote them', async () => {
    const read = await graphImportOf(tuImporter, join(fixtures, 'TOY'), { testFraction: 0.25 });
    expect(read.classNames).toEqual(['-1', '1', '3']);
    const raw = graphsOf(read.train);
    // Five labels of nodes and an attribute; two labels of edges.
    expect([raw.nodeFeatures, raw.edgeFeatures]).toEqual([6, 2]);
    const { graphs, labels } = new GraphSplit('train', raw);
    // The splits keep the order of the source, so the first graph is the first that is not for testing.
    const first = expected.findIndex(
      (graph) =>
        graph.label === labels[0] && graph.nodes === graphs.nodeCount(0) && graph.edges.length,
    );
    const wanted = expected[first] as Expected;
    const graph = graphs.read(0);
    expect(graph.source.length).toBe(2 * wanted.edges.length);
    expect([...graph.nodeFeatures]).toEqual(
      wanted.nodeFeatures.flatMap(([label, attribute]) => [
        ...[0, 1, 2, 3, 4].map((each) => Number(each === label)),
        Math.fround((attribute as number) / 4),
      ]),
    );
  });

  it('do not need nodes in the order of their graphs', async () => {
    const folder = newFolder();
    const write = (part: string, text: string) =>
      writeFileSync(join(folder, `M_${part}.txt`), text);
    write('graph_labels', '7\n9\n7\n9\n');
    write('graph_indicator', '2\n1\n2\n1\n3\n3\n4\n4\n');
    write('A', '1, 3\n2, 4\n5, 6\n8, 7\n');
    write('node_attributes', '10\n20\n11\n21\n30\n31\n40\n41\n');
    const read = await graphImportOf(tuImporter, folder, { testFraction: 0.5 });
    const all = [...nodesOf(read.train), ...nodesOf(read.test)];
    expect(all.sort((a, b) => a - b)).toEqual([10, 11, 20, 21, 30, 31, 40, 41]);
    for (const raw of [graphsOf(read.train), graphsOf(read.test)]) {
      const { graphs, labels } = new GraphSplit('train', raw);
      for (let index = 0; index < labels.length; index++) {
        const { nodeFeatures, source, target } = graphs.read(index);
        expect((nodeFeatures[1] as number) - (nodeFeatures[0] as number)).toBe(1);
        const [u, v] = [nodeFeatures[source[0] as number], nodeFeatures[target[0] as number]];
        expect([u, v]).toEqual(u === 41 ? [41, 40] : [u, (u as number) + 1]);
      }
    }
  });

  it('give a node a 1 where there is nothing else', async () => {
    const folder = newFolder();
    const write = (part: string, text: string) =>
      writeFileSync(join(folder, `M_${part}.txt`), text);
    write('graph_labels', '0\n0\n1\n1\n');
    write('graph_indicator', '1\n2\n3\n4\n');
    write('A', '1, 1\n');
    const read = await graphImportOf(tuImporter, folder, { testFraction: 0.5 });
    expect([graphsOf(read.train).nodeFeatures, ...nodesOf(read.train)]).toEqual([1, 1, 1]);
    expect(read.notes.join(' ')).toContain('every node gets a 1');
  });

  const broken: [string, string, (text: string) => string, string][] = [
    [
      'an edge between graphs',
      'TOY_A.txt',
      (t) => t.replace(/^1, 2/, '1, 20'),
      'TOY_A.txt, row 1: nodes 1 and 20 are of different graphs.',
    ],
    [
      'a node that is not there',
      'TOY_A.txt',
      (t) => t.replace(/^1, 2/, '1, 0'),
      'TOY_A.txt, row 1: a node is 0; it must be a whole number from 1 to',
    ],
    [
      'a graph that is not there',
      'TOY_graph_indicator.txt',
      (t) => t.replace(/^1/, '13'),
      'TOY_graph_indicator.txt, row 1: the graph is 13; it must be a whole number from 1 to 12.',
    ],
    [
      'labels that lack',
      'TOY_edge_labels.txt',
      (t) => t.replace(/\d\n$/, ''),
      'the file ends, but TOY_A.txt gives',
    ],
    [
      'a graph without nodes',
      'TOY_graph_labels.txt',
      (t) => `${t}1\n`,
      'graph 13 of TOY_graph_labels.txt has no node.',
    ],
  ];
  it.each(broken)('refuse %s', async (_, file, edit, message) => {
    const folder = copyOf('TOY');
    change(join(folder, file), edit);
    const failure = await failureOf(() => graphImportOf(tuImporter, folder));
    expect(failure.code).toBe('data-corrupt');
    expect(failure.message).toContain(message);
  });
});
