import { modelError } from '../../../src-shared/model/graph';
import { isJsonObject, type JsonObject, shown } from '../../../src-shared/model/keras/layer-config';
import { namesOf, type OwnTensor, ownTensors } from '../../../src-shared/model/keras/layer-table';

/** A tensor of fp32 as the manifest announces it. */
export interface AnnouncedTensor {
  /** In the export's names. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** Files that follow on one another, and the tensors that lie in them without gaps. */
export interface WeightsGroup {
  readonly paths: readonly string[];
  readonly tensors: readonly AnnouncedTensor[];
  readonly bytes: number;
}

const mostGroups = 10_000;
/** One array in memory. */
const mostBytes = 4 * 2 ** 30;

/**
 * What `weightsManifest` says, checked against the model's tensors before any file is looked at.
 *
 * @param tensors ours, by Keras' `LAYER/weight`
 * @throws `model-invalid`: paths out of the folder, other numbers than float32, tensors that are
 *   unknown, given twice or lacking
 */
export function groupsOf(
  manifest: unknown,
  tensors: ReadonlyMap<string, OwnTensor>,
): readonly WeightsGroup[] {
  if (!Array.isArray(manifest) || manifest.length > mostGroups) {
    throw modelError(`weightsManifest is ${shown(manifest)}; it must be a list of groups.`);
  }
  const given = new Set<string>();
  const groups = manifest.map((group: unknown): WeightsGroup => {
    const { paths, weights } = isJsonObject(group) ? group : {};
    if (!Array.isArray(paths) || !Array.isArray(weights) || paths.length > mostGroups) {
      throw modelError('A group of weightsManifest lacks its list of paths or of weights.');
    }
    const announced = weights.flatMap((weight: unknown) => announcedTensors(weight, tensors));
    for (const { name } of announced) {
      if (given.has(name)) throw modelError(`weightsManifest has '${name}' twice.`);
      given.add(name);
    }
    const bytes = announced.reduce((sum, tensor) => sum + tensor.bytes, 0);
    if (bytes > mostBytes) {
      throw modelError(
        `A group of weightsManifest takes ${bytes} bytes; at most ${mostBytes} are read.`,
      );
    }
    return { paths: paths.map(confinedPath), tensors: announced, bytes };
  });
  for (const [keras, own] of tensors) {
    if (!namesOf(own).every((name) => given.has(name)))
      throw modelError(`weightsManifest has no weight '${keras}'.`);
  }
  return groups;
}

/** What one entry announces: a tensor, or several that follow on one another. */
function announcedTensors(
  weight: unknown,
  tensors: ReadonlyMap<string, OwnTensor>,
): readonly AnnouncedTensor[] {
  const {
    name: given,
    shape,
    dtype,
    quantization,
  }: JsonObject = isJsonObject(weight) ? weight : {};
  const own = typeof given === 'string' ? ownTensor(given, tensors) : undefined;
  if (own === undefined) {
    throw modelError(
      `weightsManifest has a weight ${shown(given)}, which no layer of the model has.`,
    );
  }
  if (quantization !== undefined) {
    throw modelError(
      `Weight ${shown(given)} is quantised, which is not supported; save it as float32.`,
    );
  }
  if (dtype !== 'float32') {
    throw modelError(
      `Weight ${shown(given)} has the dtype ${shown(dtype)}; only float32 is supported.`,
    );
  }
  const isShape = (value: unknown): value is number[] =>
    Array.isArray(value) &&
    value.length <= 8 &&
    value.every((size) => Number.isSafeInteger(size) && size >= 1);
  if (!isShape(shape)) {
    throw modelError(
      `Weight ${shown(given)} has the shape ${shown(shape)}; it must be a list of sizes.`,
    );
  }
  return ownTensors(own, shape).map((tensor) => ({
    ...tensor,
    bytes: tensor.shape.reduce((product, size) => product * size, 4),
  }));
}

/** Keras puts scopes before a layer's name, and a recurrent layer's cell after it. */
function ownTensor(given: string, tensors: ReadonlyMap<string, OwnTensor>): OwnTensor | undefined {
  const parts = given
    .slice(0, 1000)
    .replace(/:\d+$/, '')
    .split('/')
    .filter((part) => !/^(lstm|gru|simple_rnn)_cell(_\d+)?$/.test(part));
  // An attention's projections have a name of their own below the layer's.
  return tensors.get(parts.slice(-3).join('/')) ?? tensors.get(parts.slice(-2).join('/'));
}

/** Absolute paths and those that lead up never reach the file system. */
function confinedPath(path: unknown): string {
  const isInside =
    typeof path === 'string' &&
    path.length > 0 &&
    path.length <= 1000 &&
    !/[\0\n\r\\:]/.test(path) &&
    !path.startsWith('/') &&
    !path.split('/').includes('..');
  if (isInside) return path;
  throw modelError(
    `weightsManifest names the file ${shown(path)}; it must lie in the folder of model.json.`,
  );
}
