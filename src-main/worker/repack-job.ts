import { resolve } from 'node:path';
import type { CallContext } from '../../src-shared/contract/rpc';
import { choosePacking } from '../engine/codecs/choose-packing';
import { sampleQueries } from '../engine/codecs/sample-queries';
import type { LayerStorage } from '../engine/records';
import { recordedParts } from '../engine/step';
import { repackTrace } from '../trace/repack';
import { openForAggregates } from './open-run';

/** What a run has become. */
export interface Repacked {
  readonly before: number;
  readonly after: number;
  readonly storage: ReadonlyMap<string, LayerStorage>;
}

/**
 * Rewrites a finished run's trace with other codecs; `dense` loses nothing more. The run stays whole at every moment.
 *
 * @throws what opening the run or writing it gives cause to
 */
export async function repackRun(
  path: string,
  setting: 'fast' | 'compact' | 'dense',
  { signal, onProgress }: CallContext,
): Promise<Repacked> {
  const folder = resolve(path);
  onProgress({ kind: 'prepare', message: 'Measuring what can be packed' });
  const run = await openForAggregates(folder);
  let storage: ReadonlyMap<string, LayerStorage>;
  const split = run.reader.description.data.examples.test > 0 ? run.data.test : run.data.train;
  try {
    storage = await choosePacking({
      source: run.reader,
      nodes: run.explainable.network.model.nodes,
      recorded: recordedParts(run.reader.description.recipe),
      queriesOf: (layer) => sampleQueries(run.explainable.network, split, layer),
      augments: run.reader.description.recipe.augment !== null,
      setting,
    });
  } finally {
    run.close();
  }
  onProgress({ kind: 'prepare', message: 'Packing' });
  const { before, after } = await repackTrace(folder, storage, { signal });
  return { before, after, storage };
}
