import { modelError } from '../graph';
import type { LayerSpec } from '../layer-spec';
import { resolveNodes } from '../shapes';
import { type LayerConfig, shown } from './layer-config';
import { type ConvertedLayer, convertLayer, type OwnTensor } from './layer-table';
import { type KerasNode, topologyOf } from './topology';

/** A Keras model in our layers. */
export interface KerasModel {
  readonly layers: readonly LayerSpec[];
  /** Our tensors, by Keras' `LAYER/weight`. */
  readonly tensors: ReadonlyMap<string, OwnTensor>;
  /** Whether it ended in a softmax: the logits are last here. */
  readonly softmaxLeftOff: boolean;
}

/**
 * Converts the configuration of a model of Keras 2 or 3. An activation of a layer becomes the layer
 * `LAYER.activation`; a softmax at the end is left off, as the loss takes logits.
 *
 * @param model `{class_name, config}`
 * @throws `model-invalid`, one sentence that names the layer and what of it is not supported
 */
export function convertKeras(model: unknown): KerasModel {
  const nodes = topologyOf(model);
  const layers: LayerSpec[] = [];
  const tensors = new Map<string, OwnTensor>();
  /** By a layer of Keras: the layer that gives its output here. */
  const outputs = new Map<string, string>();
  const axes: { readonly layer: LayerConfig; readonly axis: number }[] = [];
  let softmaxLeftOff = false;
  let shape: readonly number[] | undefined;
  for (const [place, node] of nodes.entries()) {
    const { layer } = node;
    const { name } = layer;
    if (layer.type === 'InputLayer') {
      if (place > 0) layer.refuse('the model has a second input; only one is supported.');
      shape = inputShape(layer);
      layers.push({ type: 'Input', name, ...(shape ? { shape } : {}) });
      outputs.set(name, name);
      continue;
    }
    const isLast = place === nodes.length - 1;
    const converted = convertLayer(layer, node.options);
    const { spec, activation = null, weights = {}, axis } = converted;
    const inputs = inputsOf(node, outputs);
    const frozen = layer.flag('trainable', true) ? {} : { trainable: false };
    if (spec) layers.push({ ...spec, ...frozen, inputs });
    if (axis !== undefined && spec) axes.push({ layer, axis });
    for (const [weight, tensor] of Object.entries(weights)) {
      tensors.set(`${name}/${weight}`, tensor);
    }
    outputs.set(name, spec ? name : soleInput(layer, inputs));
    if (isLast) checkEnd(layer, converted);
    if (activation === 'softmax') {
      if (!isLast) layer.refuse('a softmax is supported at the end of the model only.');
      softmaxLeftOff = true;
    } else if (activation !== null) {
      const own = `${name}.activation`;
      layers.push(
        activation === 'relu'
          ? { type: 'ReLU', name: own, inputs: [name] }
          : { type: 'Activation', name: own, activation, inputs: [name] },
      );
      outputs.set(name, own);
    }
  }
  checkShapes(layers, shape, axes);
  return { layers, tensors, softmaxLeftOff };
}

function inputsOf({ layer, inputs }: KerasNode, outputs: ReadonlyMap<string, string>): string[] {
  if (inputs.length === 0) layer.refuse('it reads no layer.');
  return inputs.map((name) => outputs.get(name) ?? layer.refuse(`it reads '${name}' too early.`));
}

function soleInput(layer: LayerConfig, inputs: readonly string[]): string {
  const [input] = inputs;
  if (input !== undefined && inputs.length === 1) return input;
  return layer.refuse(`it reads ${inputs.length} layers, but takes one.`);
}

/** Logits that went through a sigmoid would be trained as something else. */
function checkEnd(layer: LayerConfig, { spec, activation }: ConvertedLayer): void {
  const bent = activation ?? (spec?.type === 'Activation' ? spec.activation : null);
  if (bent !== 'sigmoid') return;
  layer.refuse('the model ends in a sigmoid; end it with a unit for each class and a softmax.');
}

/** Shape of one example; undefined where a size is open, which the data then gives. */
function inputShape(layer: LayerConfig): readonly number[] | undefined {
  for (const field of ['sparse', 'ragged']) layer.only(field, false);
  const found = layer.value('batch_input_shape') ?? layer.value('batch_shape');
  if (found === undefined) return undefined;
  const isSize = (size: unknown): boolean =>
    size === null || (Number.isInteger(size) && Number(size) >= 1 && Number(size) <= 65_536);
  const isShape = (value: unknown): value is (number | null)[] =>
    Array.isArray(value) && value.length >= 2 && value.length <= 4 && value.every(isSize);
  if (!isShape(found)) {
    return layer.refuse(
      `batch_input_shape is ${shown(found)}; it must be [null, …] with one to three sizes.`,
    );
  }
  const sizes = found.slice(1);
  return sizes.some((size) => size === null) ? undefined : sizes.map(Number);
}

/** How the layers fit together, as far as the file says it; the data's shape is checked later. */
function checkShapes(
  layers: readonly LayerSpec[],
  shape: readonly number[] | undefined,
  axes: readonly { readonly layer: LayerConfig; readonly axis: number }[],
): void {
  if (!shape) {
    const open = axes.find(({ axis }) => axis !== -1);
    if (!open) return;
    open.layer.refuse(
      `axis is ${open.axis}, and the model gives no input shape to tell whether it is the last; ` +
        'give it, or set axis to −1.',
    );
  }
  const resolved = resolveNodes(layers, shape ?? []);
  for (const { layer, axis } of axes) {
    const node = resolved.find(({ spec }) => spec.name === layer.name);
    const rank = node?.inputShapes[0]?.length;
    if (axis !== -1 && axis !== rank) layer.refuse(`axis is ${axis}; only the last is supported.`);
  }
  const last = resolved.at(-1)?.outputShape;
  if (last?.length !== 1) {
    throw modelError(`The model ends with [${last?.join(', ')}]; it must give a number a class.`);
  }
}
