import { modelError } from '../graph';
import { callOf, type KerasCall } from './call';
import { isJsonObject, type JsonObject, LayerConfig, shown } from './layer-config';

/** A layer of a Keras model with the names of those it reads. */
export interface KerasNode extends KerasCall {
  readonly layer: LayerConfig;
}

/** As many as a recipe may have. */
const maximumLayers = 4096;

/**
 * The layers of a Sequential or Functional model, each after those it reads, the output last.
 *
 * @throws `model-invalid`: another kind of model, several inputs or outputs, shared layers
 */
export function topologyOf(model: unknown): readonly KerasNode[] {
  const { class_name: kind, config } = isJsonObject(model) ? model : {};
  if (kind === 'Sequential') {
    return sequence(listOf(isJsonObject(config) ? config.layers : config, 'config.layers'));
  }
  if (kind === 'Functional' || kind === 'Model') {
    if (!isJsonObject(config)) throw modelError(`The model's config is ${shown(config)}.`);
    return ordered(config);
  }
  throw modelError(
    `The model's class_name is ${shown(kind)}; it must be Sequential, Functional or Model.`,
  );
}

function listOf(value: unknown, what: string): readonly JsonObject[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isJsonObject)) {
    throw modelError(`The model's ${what} is ${shown(value)}; it must be a list of layers.`);
  }
  if (value.length > maximumLayers) {
    throw modelError(`The model has ${value.length} layers; at most ${maximumLayers} are allowed.`);
  }
  return value;
}

function layerOf({ class_name: type, config, name }: JsonObject): LayerConfig {
  if (!isJsonObject(config)) throw modelError(`Layer ${shown(name)} has no config.`);
  return new LayerConfig(type, config.name ?? name, config);
}

function sequence(entries: readonly JsonObject[]): readonly KerasNode[] {
  const layers = entries.map(layerOf);
  const [first] = layers;
  if (first && first.type !== 'InputLayer') {
    const shape = first.value('batch_input_shape') ?? first.value('batch_shape');
    let name = 'input';
    while (layers.some((layer) => layer.name === name)) name += '_';
    layers.unshift(
      new LayerConfig('InputLayer', name, shape === undefined ? {} : { batch_input_shape: shape }),
    );
  }
  return layers.map((layer, place) => {
    if (place > 0 && layer.type === 'InputLayer') layer.refuse('it must be the first layer.');
    const before = layers[place - 1];
    return { layer, inputs: before ? [before.name] : [], options: {} };
  });
}

function ordered(config: JsonObject): readonly KerasNode[] {
  const nodes = new Map<string, KerasNode>();
  for (const entry of listOf(config.layers, 'config.layers')) {
    const layer = layerOf(entry);
    if (nodes.has(layer.name)) throw modelError(`Two layers are named '${layer.name}'.`);
    nodes.set(layer.name, { layer, ...callOf(layer, entry.inbound_nodes) });
  }
  endOf(config.input_layers, 'input');
  const output = endOf(config.output_layers, 'output');
  const found = depthFirst(nodes, output);
  for (const [name, { layer }] of nodes) {
    if (!found.has(name)) layer.refuse('it does not lead to the output; remove it.');
  }
  return [...found.values()];
}

/** The one input or output, `[[name, 0, 0]]` or `[name, 0, 0]`. */
function endOf(value: unknown, what: 'input' | 'output'): string {
  const ends: readonly unknown[] = Array.isArray(value) ? value : [];
  const nested = ends.every((end) => Array.isArray(end));
  if (nested && ends.length > 1) {
    throw modelError(`The model has ${ends.length} ${what}s; only one is supported.`);
  }
  const [name]: readonly unknown[] = nested && Array.isArray(ends[0]) ? ends[0] : ends;
  if (typeof name === 'string') return name;
  throw modelError(`The model's ${what}_layers is ${shown(value)}; it must name one layer.`);
}

/** The layers that lead to `output`, each after those it reads. */
function depthFirst(nodes: ReadonlyMap<string, KerasNode>, output: string): Map<string, KerasNode> {
  const done = new Map<string, KerasNode>();
  const begun = new Set<string>();
  const stack = [{ name: output, next: 0 }];
  for (let at = stack.at(-1); at; at = stack.at(-1)) {
    const node = nodes.get(at.name);
    if (!node)
      throw modelError(`A layer ${shown(at.name)} is read, but there is none of that name.`);
    begun.add(at.name);
    const source = node.inputs[at.next++];
    if (source === undefined) {
      done.set(at.name, node);
      stack.pop();
    } else if (!done.has(source)) {
      if (begun.has(source)) node.layer.refuse(`it is part of a cycle, through '${source}'.`);
      stack.push({ name: source, next: 0 });
    }
  }
  return done;
}
