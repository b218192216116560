import { resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { CallContext } from '../../src-shared/contract/rpc';
import { choosePacking } from '../engine/codecs/choose-packing';
import { queryCount } from '../engine/codecs/gamma-error';
import { productOfRows } from '../engine/codecs/rebuild';
import { rowsOf } from '../engine/examples';
import type { LayerStorage } from '../engine/records';
import { recordedParts } from '../engine/step';
import { repackTrace } from '../trace/repack';
import { type OpenRun, openForAggregates } from './open-run';

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
  try {
    storage = await choosePacking({
      source: run.reader,
      nodes: run.explainable.network.model.nodes,
      recorded: recordedParts(run.reader.description.recipe),
      queriesOf: (layer) => queriesOf(run, layer),
      setting,
    });
  } finally {
    run.close();
  }
  onProgress({ kind: 'prepare', message: 'Packing' });
  const { before, after } = await repackTrace(folder, storage, { signal });
  return { before, after, storage };
}

/** Q of a few examples in the final network at a layer, flattened. */
function queriesOf({ explainable, data, reader }: OpenRun, layer: string): Float32Array[] {
  const { network } = explainable;
  const { test } = reader.description.data.examples;
  const split = test > 0 ? data.test : data.train;
  const node = network.model.nodes.find(({ spec }) => spec.name === layer);
  if (!node) throw new Error(`no layer ${layer}`);
  const count = Math.min(queryCount(node.parameters), split.count);
  return Array.from({ length: count }, (_, index) => {
    const found: Float32Array[] = [];
    tf.tidy(() => {
      const { layers } = network.signals(rowsOf(split, [index]));
      const signal = layers.get(layer);
      if (!signal) return;
      const parts = productOfRows(node, signal.input, signal.preActivation);
      found.push(tf.concat(parts.map((part) => tf.reshape(part, [-1]))).dataSync<'float32'>());
    });
    return found[0] as Float32Array;
  });
}
