import { isJsonObject, type JsonObject, type LayerConfig, shown } from './layer-config';

/** The one call of a layer: what it reads, and what it was told beside that. */
export interface KerasCall {
  /** Names of the layers that it reads. */
  readonly inputs: readonly string[];
  /** Arguments with a value of their own, such as `use_causal_mask`. */
  readonly options: JsonObject;
}

/** Arguments that only ever change how a layer behaves in training, where we know how it does. */
const withoutEffect = new Set(['training', 'mask']);
/** Arguments of an attention that name layers, in the order in which it reads them. */
const readByName = ['value', 'key'];

/**
 * The call of a layer in the form of Keras 2, `[[[name, 0, 0, {…}], …]]`, or of Keras 3, `[{args,
 * kwargs}]`.
 *
 * @throws `model-invalid` naming the layer: several calls, other outputs than the first
 */
export function callOf(layer: LayerConfig, value: unknown): KerasCall {
  if (!Array.isArray(value)) {
    return layer.refuse(`inbound_nodes is ${shown(value)}; it must be a list.`);
  }
  if (value.length > 1) {
    layer.refuse(`it is used ${value.length} times; shared layers are not supported.`);
  }
  const [call]: readonly unknown[] = value;
  if (call === undefined) return { inputs: [], options: {} };
  if (Array.isArray(call)) return call2(layer, call);
  if (isJsonObject(call)) return call3(layer, call);
  return layer.refuse(`inbound_nodes is ${shown(value)}; it must list what the layer reads.`);
}

function call2(layer: LayerConfig, call: readonly unknown[]): KerasCall {
  // A single input may stand there without a list around it.
  const sources = typeof call[0] === 'string' ? [call] : call;
  const options: Record<string, unknown> = {};
  const inputs = sources.map((source) => {
    const [name, node, tensor, more]: readonly unknown[] = Array.isArray(source) ? source : [];
    if (typeof name !== 'string' || node !== 0 || tensor !== 0) return refuseSource(layer, source);
    if (isJsonObject(more)) Object.assign(options, more);
    return name;
  });
  const named = (option: unknown): string | null => {
    const [name, node, tensor]: readonly unknown[] = Array.isArray(option) ? option : [];
    if (typeof name !== 'string') return null;
    return node === 0 && tensor === 0 ? name : refuseSource(layer, option);
  };
  return completed(layer, inputs, options, named);
}

function call3(layer: LayerConfig, { args, kwargs }: JsonObject): KerasCall {
  if (!Array.isArray(args)) layer.refuse(`it is called with ${shown(args)}; args must be a list.`);
  const inputs = (args as readonly unknown[])
    .flatMap((arg) => (Array.isArray(arg) ? arg : [arg]))
    .map((arg) => tensorName(layer, arg) ?? refuseSource(layer, arg));
  const options = isJsonObject(kwargs) ? kwargs : {};
  return completed(layer, inputs, options, (option) => tensorName(layer, option));
}

/** The layer whose output stands at an argument of Keras 3; null: something else does. */
function tensorName(layer: LayerConfig, arg: unknown): string | null {
  if (!isJsonObject(arg) || arg.class_name !== '__keras_tensor__') return null;
  const history = isJsonObject(arg.config) ? arg.config.keras_history : null;
  const [name, node, tensor]: readonly unknown[] = Array.isArray(history) ? history : [];
  return typeof name === 'string' && node === 0 && tensor === 0 ? name : refuseSource(layer, arg);
}

/** Puts what is read by name behind the other inputs, and leaves the options that say something. */
function completed(
  layer: LayerConfig,
  inputs: readonly string[],
  options: JsonObject,
  named: (option: unknown) => string | null,
): KerasCall {
  const told = Object.entries(options).filter(
    ([name, value]) => value !== null && !withoutEffect.has(name),
  );
  const read = readByName.flatMap((name) => {
    const option = told.find(([other]) => other === name)?.[1];
    return option === undefined ? [] : [named(option) ?? refuseSource(layer, option)];
  });
  const rest = told.filter(([name]) => !readByName.includes(name));
  const allowed = layer.type === 'MultiHeadAttention' ? ['use_causal_mask'] : [];
  const unknown = rest.find(([name, value]) => !allowed.includes(name) && value !== false);
  if (unknown) {
    layer.refuse(
      `it is called with ${unknown[0].slice(0, 60)} ${shown(unknown[1])}, which is not supported.`,
    );
  }
  return { inputs: [...inputs, ...read], options: Object.fromEntries(rest) };
}

function refuseSource(layer: LayerConfig, source: unknown): never {
  return layer.refuse(
    `it reads ${shown(source)}; only the first output of a layer, called once, is supported.`,
  );
}
