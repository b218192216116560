import { DeltascopeError } from '../errors';
import type { LayerSpec } from './layer-spec';

/** How many layers a model may have: far beyond any real one, so that a bad file can't hang us. */
const maximumLayers = 4096;

/** A layer of a recipe with the places of the layers it reads. */
export interface GraphNode {
  readonly spec: LayerSpec;
  readonly inputs: readonly number[];
}

/** The error of a model that can't be built. */
export function modelError(message: string): DeltascopeError {
  return new DeltascopeError('model-invalid', 'recipe', message);
}

/** A layer as messages name it. */
export function titleOf(spec: { readonly name: string; readonly type: string }): string {
  return `Layer '${spec.name}' (${spec.type})`;
}

/**
 * The layers as a directed acyclic graph, an Input first (put there where the recipe has none).
 * A recipe lists a layer after those it reads, so the list's order is one of computation.
 *
 * @throws `model-invalid` naming the layer: bad, reserved or repeated names, unknown inputs, wrong
 *   order, cycles, a second Input, layers that nothing reads
 */
export function connectLayers(layers: readonly LayerSpec[]): GraphNode[] {
  if (layers.length === 0) throw modelError('The model has no layers; it needs at least a Dense.');
  if (layers.length > maximumLayers) {
    throw modelError(
      `The model has ${layers.length} layers; at most ${maximumLayers} are allowed.`,
    );
  }
  const listed = withInput(layers);
  const places = checkNames(listed);
  const nodes = listed.map((spec, place) => ({
    spec,
    inputs: inputsOf(spec, place, listed, places),
  }));
  checkAllRead(nodes);
  return nodes;
}

/**
 * The place of each layer by its name.
 *
 * @throws `model-invalid` where a name is bad, reserved or taken
 */
export function checkNames(
  listed: readonly { readonly name: string; readonly type: string }[],
): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [place, spec] of listed.entries()) {
    checkName(spec, place);
    if (places.has(spec.name)) {
      throw modelError(`Two layers are named '${spec.name}'; give each layer its own name.`);
    }
    places.set(spec.name, place);
  }
  return places;
}

function withInput(layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const inputs = layers.filter((layer) => layer.type === 'Input');
  if (inputs.length > 1) {
    throw modelError(`The model has ${inputs.length} Input layers; the data gives only one input.`);
  }
  if (inputs[0]) {
    if (layers[0] === inputs[0]) return layers;
    throw modelError(`${titleOf(inputs[0])} must be the first layer.`);
  }
  const taken = new Set(layers.map((layer) => layer.name));
  let name = 'input';
  while (taken.has(name)) name += '_';
  return [{ type: 'Input', name }, ...layers];
}

/** Names become parts of tensor and file names, and of command lines. */
function checkName(spec: { readonly name: string; readonly type: string }, place: number): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(spec.name)) {
    throw modelError(
      `Layer ${place} (${spec.type}) is named ${JSON.stringify(spec.name).slice(0, 80)}; a name is 1 to ` +
        `64 letters, digits, '_', '.' or '-', a letter or digit first.`,
    );
  }
  if (spec.name === 'all' || spec.name === 'optimizer') {
    throw modelError(`${titleOf(spec)}: the name '${spec.name}' is reserved; choose another.`);
  }
}

function inputsOf(
  spec: LayerSpec,
  place: number,
  listed: readonly LayerSpec[],
  places: ReadonlyMap<string, number>,
): readonly number[] {
  if (spec.type === 'Input') {
    if (spec.inputs?.length) throw modelError(`${titleOf(spec)} reads the data and has no inputs.`);
    return [];
  }
  if (!spec.inputs) return [place - 1];
  if (spec.inputs.length === 0) {
    throw modelError(`${titleOf(spec)}: 'inputs' is empty; name a layer or leave the field out.`);
  }
  return spec.inputs.map((name) => {
    const source = places.get(name);
    if (source === undefined) {
      throw modelError(`${titleOf(spec)} reads '${name}', but no layer has that name.`);
    }
    if (source >= place) throw orderError(spec, name, listed);
    return source;
  });
}

/** Tells a cycle, which no order resolves, from a layer that merely stands too late. */
function orderError(spec: LayerSpec, input: string, listed: readonly LayerSpec[]): DeltascopeError {
  const path = pathBack(input, spec.name, listed);
  if (path) {
    return modelError(
      `${titleOf(spec)} is part of a cycle, ${[...path.reverse(), spec.name].join(' → ')}; ` +
        'a layer may only read layers listed before it.',
    );
  }
  return modelError(
    `${titleOf(spec)} reads '${input}', which comes after it; list '${input}' before '${spec.name}'.`,
  );
}

/** Names from `from` back through the inputs to `to`, both included; undefined: not reachable. */
function pathBack(from: string, to: string, listed: readonly LayerSpec[]): string[] | undefined {
  const before = new Map(
    listed.map((spec, place) => [spec.name, spec.inputs ?? [listed[place - 1]?.name ?? '']]),
  );
  const cameFrom = new Map<string, string | null>([[from, null]]);
  const queue = [from];
  for (const name of queue) {
    if (name === to) {
      const path: string[] = [];
      for (let at: string | null = name; at !== null; at = cameFrom.get(at) ?? null) path.push(at);
      return path.reverse();
    }
    for (const next of before.get(name) ?? []) {
      if (!before.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      queue.push(next);
    }
  }
  return undefined;
}

/** A layer that nothing reads would be trained by nothing and explained as if it were. */
function checkAllRead(nodes: readonly GraphNode[]): void {
  const read = new Set(nodes.flatMap((node) => node.inputs));
  const unread = nodes.findIndex((_, place) => place < nodes.length - 1 && !read.has(place));
  const node = nodes[unread];
  if (node) {
    throw modelError(
      `${titleOf(node.spec)} is read by no other layer; remove it or name it in 'inputs'.`,
    );
  }
}
