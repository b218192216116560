import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { isFullyConnected } from '../layers/linear';
import type { LayerStorage, PartStorage, TracedLayer } from '../records';

/** Layers that hand an example's numbers on as they are. */
const passing: readonly string[] = ['Flatten', 'Reshape'];

/** What decides whether an example's row of X is the same in every step. */
export interface TrainedModel {
  readonly nodes: readonly ResolvedNode[];
  /** Whether examples are changed at random from step to step. */
  readonly augments: boolean;
}

/**
 * A storage with `rows` in place of `inputs` where that tells the same: where a dense layer reads an
 * example's own numbers, so that its row of X is the same in every step, and no scale is shared by two rows.
 */
export function storedOnce(
  storage: LayerStorage,
  { name, rows, bias }: TracedLayer,
  { nodes, augments }: TrainedModel,
): LayerStorage {
  const node = nodes.find(({ spec }) => spec.name === name);
  const length = rows - Number(bias);
  const inputs = storage.parts.find(({ part }) => part === 'inputs');
  if (augments || !node || !readsExamples(node, nodes)) return storage;
  if (!inputs || !hasOwnScales(inputs, length)) return storage;
  const parts = storage.parts.map((each): PartStorage => {
    return each === inputs ? { ...each, part: 'rows' } : each;
  });
  return { ...storage, parts };
}

/** Whether no row of so many numbers shares a scale with another one. */
export function hasOwnScales(
  { codec, block }: Pick<PartStorage, 'codec' | 'block'>,
  length: number,
): boolean {
  return codec === 'dense' || (codec !== 'int4' && length % block === 0);
}

/** Whether a layer is dense and nothing but the example itself comes before it. */
function readsExamples(node: ResolvedNode, nodes: readonly ResolvedNode[]): boolean {
  let at: ResolvedNode | undefined = node;
  if (!isFullyConnected(node)) return false;
  do at = nodes[at.inputs[0] ?? -1];
  while (at && passing.includes(at.spec.type));
  return at?.spec.type === 'Input';
}
