import { throwIfCancelled } from '../../src-shared/errors';
import { roundingError } from '../engine/codecs/rounding-error';
import { sampleQueries } from '../engine/codecs/sample-queries';
import type { Examples } from '../engine/examples';
import { explain } from '../engine/explanation/explain';
import type { Network } from '../engine/network';
import type { LayerStorage, RecordSource } from '../engine/records';
import { TraceReader } from '../trace/trace-reader';
import type { PreparedTraining } from './prepare';

/** Examples that residuals are measured on. */
const sampleInputs = 4;

/** How much larger than the largest measured residual another example's is taken to be. */
const caution = 2;

/** Standard deviations of γ's rounding error that its bound stands for. */
const deviations = 3;

/**
 * How a recording that has taken its last step has stored each layer: the error bound that was chosen at
 * its start, or, where that turns out too small, that of the steps as they are stored (`boundOf`) or one
 * from what the certificate leaves over, ‖W_T f − p_0 W_0 f + Σ c_t ĝ_t f‖ / ‖z‖, at real examples in the
 * final network. One pass over what is not stored in fp32, and one over some steps.
 *
 * @throws `cancelled`
 */
export async function measuredStorage(
  folder: string,
  { recipe, data, examples }: PreparedTraining,
  network: Network,
  signal: AbortSignal,
): Promise<readonly LayerStorage[]> {
  const reader = await TraceReader.open(folder);
  try {
    const chosen = [...reader.storage.values()];
    const lossy = chosen.filter(({ errorBound }) => errorBound > 0).map(({ layer }) => layer);
    const split = examples.test > 0 ? 'test' : 'train';
    const count = Math.min(sampleInputs, examples[split]);
    if (lossy.length === 0 || count === 0 || reader.steps.count === 0) return chosen;
    const found = await explain(
      {
        ...{ name: folder, network, optimizer: recipe.optimizer, perExample: recipe.perExample },
        source: withFinal(reader, network),
        splits: { train: data.train, test: data.test },
      },
      {
        examples: Array.from({ length: count }, (_, index) => ({ split, index })),
        layers: lossy,
        ...{ target: { kind: 'representation' }, unit: 'credit', exampleSplit: 'equal', top: 1 },
        signal,
      },
    );
    const layers = found.flatMap((each) => each.layers);
    const measured: LayerStorage[] = [];
    for (const storage of chosen) {
      throwIfCancelled(signal, 'worker');
      const residuals = layers.filter(({ name }) => name === storage.layer);
      const left = Math.max(0, ...residuals.map(({ residual }) => residual));
      const bound = await boundOf(storage, reader, network, data[split]);
      const errorBound = bound > 0 ? Math.max(bound, caution * left) : 0;
      measured.push({ ...storage, errorBound });
    }
    return measured;
  } finally {
    reader.close();
  }
}

/**
 * The error bound of γ of a layer's steps: what was chosen at the start of the recording or, where that is
 * more, three standard deviations of what storing has left of the steps.
 */
export async function boundOf(
  storage: LayerStorage,
  source: RecordSource,
  network: Network,
  examples: Examples,
): Promise<number> {
  if (storage.errorBound === 0) return 0;
  const layer = source.layers.find(({ name }) => name === storage.layer);
  const node = network.model.nodes.find(({ spec }) => spec.name === storage.layer);
  if (!layer || !node) throw new Error(`no layer ${storage.layer}`);
  const queries = sampleQueries(network, examples, storage.layer);
  const found = await roundingError({ layer, node, storage, source, queries });
  return Math.max(storage.errorBound, deviations * found);
}

/** The trace of a run that has no final weights yet, with those of its network. */
function withFinal(reader: TraceReader, network: Network): RecordSource {
  return {
    ...{ layers: reader.layers, parts: reader.parts },
    ...{ storage: reader.storage, steps: reader.steps },
    allExamples: () => reader.allExamples(),
    scan: (query) => reader.scan(query),
    weights: async (at) =>
      at === 'final' ? network.parameters.export() : await reader.weights(at),
  };
}
