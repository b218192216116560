import { resolveModel } from '../../src-shared/model/shapes';
import { startEngine } from '../engine/backend';
import { rebuildGradient } from '../engine/codecs/rebuild';
import { lowRankGradient } from '../engine/codecs/whole-gradients';
import { arrayUpdater } from '../engine/update-arrays';
import type { ReplayRules } from '../trace/replay';
import type { TraceReader } from '../trace/trace-reader';

/**
 * How a run's recorded gradients become weights again: its optimizer, and the engine where a layer
 * is stored as factors.
 */
export async function replayRules({ description, storage }: TraceReader): Promise<ReplayRules> {
  const { recipe, layers, data } = description;
  const apply = arrayUpdater(recipe.optimizer);
  const isFactored = [...storage.values()].some(
    ({ parts }) => !parts.some(({ part }) => part === 'gradient' || part === 'update'),
  );
  if (!isFactored) return { apply };
  await startEngine();
  const { nodes } = resolveModel(layers, data.exampleShape, data.classNames.length);
  return {
    apply,
    multiply: lowRankGradient,
    rebuild(layer, inputs, deltas) {
      const node = nodes.find(({ spec }) => spec.name === layer.name);
      if (!node) throw new Error(`no layer ${layer.name}`);
      return rebuildGradient(node, inputs, deltas);
    },
  };
}
