import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeltascopeError } from '../../../src-shared/errors';
import { modelError } from '../../../src-shared/model/graph';
import { convertKeras } from '../../../src-shared/model/keras/keras-model';
import { isJsonObject, shown } from '../../../src-shared/model/keras/layer-config';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import { parseJson } from '../../../src-shared/recipe/json-text';
import type { NamedArray } from '../../engine/records';
import { floatsOf } from '../../trace/safetensors';
import { ByteSource } from '../byte-source';
import { corrupt, readingFailure } from '../failures';
import { fileBelow, readWhole } from '../imports/confined';
import { readZipDirectory } from '../zip';
import { groupsOf, type WeightsGroup } from './weights-manifest';

/** Largest `model.json` that is read, bytes: thousands of layers take a few million. */
const mostJson = 16_000_000;

/** The member of a Keras 3 archive that holds its layers; its weights are HDF5, which is not read. */
const archived = 'config.json';

/** A model of Keras or TensorFlow.js whose file has been read and checked. */
export interface KerasFile {
  readonly layers: readonly LayerSpec[];
  readonly softmaxLeftOff: boolean;
  /** Reads the weights in the export's names; null: the file names none. */
  readonly weights: (() => Promise<NamedArray[]>) | null;
}

/**
 * Reads a `model.json`: TensorFlow.js' layers format, or what Keras' `to_json` gives; or the layers of a
 * `.keras` archive, without its weights. The files of
 * its weights are only looked at; they lie in its folder, and their sizes are the announced ones.
 *
 * @param path absolute
 * @param file how errors name it
 * @throws `model-invalid`, `data-missing`, `data-corrupt`, `recipe-invalid` (no JSON): one sentence
 *   that names the file and what is not supported
 */
export async function openKerasModel(path: string, file: string): Promise<KerasFile> {
  const real = await realpath(path).catch((error: unknown) => {
    throw readingFailure(error, file);
  });
  const json = parseJson(await configuration(real, file), file);
  const { layers, softmaxLeftOff, groups } = naming(file, () => contentOf(json));
  if (groups === null) return { layers, softmaxLeftOff, weights: null };
  const sources: GroupFiles[] = [];
  for (const group of groups) sources.push(await filesOf(group, dirname(real), file));
  return { layers, softmaxLeftOff, weights: () => readGroups(sources) };
}

/** The text of a `model.json`, or of a `.keras` archive's `config.json`. */
async function configuration(path: string, file: string): Promise<string> {
  if (!path.endsWith('.keras')) return (await readWhole(path, file, mostJson)).toString('utf8');
  const member = (await readZipDirectory(path, file)).find(({ name }) => name === archived);
  if (!member) throw corrupt({ file, offset: 0 }, `the archive has no ${archived}.`);
  if (member.size > mostJson) {
    throw corrupt(
      { file, offset: 0 },
      `${archived} claims ${member.size} bytes; at most ${mostJson} are read.`,
    );
  }
  const source = new ByteSource(member);
  try {
    const text = await source.read(member.size, archived);
    await source.expectEnd(archived);
    return Buffer.from(text).toString('utf8');
  } finally {
    await source.close();
  }
}

function contentOf(json: unknown) {
  if (!isJsonObject(json)) throw modelError('It is no object with a model.');
  const { format, modelTopology = json, weightsManifest } = json;
  if (format !== undefined && format !== 'layers-model') {
    throw modelError(
      `Its format is ${shown(format)}; only layers-model keeps the layers that can be trained.`,
    );
  }
  const topology = isJsonObject(modelTopology) ? (modelTopology.model_config ?? modelTopology) : {};
  const { tensors, ...model } = convertKeras(topology);
  return { ...model, groups: weightsManifest == null ? null : groupsOf(weightsManifest, tensors) };
}

/** Puts the file's name before what is wrong with the model. */
function naming<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DeltascopeError)) throw error;
    throw new DeltascopeError(error.code, error.origin, `${file}: ${error.message}`);
  }
}

interface GroupFiles {
  readonly group: WeightsGroup;
  readonly files: readonly {
    readonly path: string;
    readonly file: string;
    readonly bytes: number;
  }[];
}

/** The files of a group, none of which leads out of `root`; together as long as its tensors. */
async function filesOf(group: WeightsGroup, root: string, model: string): Promise<GroupFiles> {
  const files: GroupFiles['files'][number][] = [];
  for (const name of group.paths) {
    const file = join(dirname(model), name);
    const path = await fileBelow(root, name).catch((error: unknown) => {
      throw naming(model, () => {
        throw error;
      });
    });
    if (path === null) throw dataError('data-missing', `${model}: ${file} does not exist.`);
    const found = await stat(path);
    if (!found.isFile()) throw dataError('data-missing', `${model}: ${file} is not a file.`);
    files.push({ path, file, bytes: found.size });
  }
  const bytes = files.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes === group.bytes) return { group, files };
  throw dataError(
    'data-corrupt',
    `${model}: weightsManifest announces ${group.bytes} bytes in ${group.paths.slice(0, 3).join(', ')}` +
      `${group.paths.length > 3 ? ', …' : ''}, but there are ${bytes}.`,
  );
}

async function readGroups(sources: readonly GroupFiles[]): Promise<NamedArray[]> {
  const tensors: NamedArray[] = [];
  for (const { group, files } of sources) {
    const parts: Buffer[] = [];
    for (const { path, file, bytes } of files) {
      const part = await readWhole(path, file, bytes);
      if (part.length !== bytes) {
        throw dataError('data-corrupt', `${file} has changed while it was read; try again.`);
      }
      parts.push(part);
    }
    const whole = Buffer.concat(parts);
    let start = 0;
    for (const { name, shape, bytes } of group.tensors) {
      const data = floatsOf(whole.subarray(start, start + bytes));
      const wrong = data.findIndex((value) => !Number.isFinite(value));
      if (wrong >= 0) {
        const where = files.map(({ file }) => file).join(', ');
        throw dataError(
          'data-corrupt',
          `${where}: at byte ${start + 4 * wrong}, weight '${name}' is ${data[wrong]}, no finite number.`,
        );
      }
      tensors.push({ name, shape, data });
      start += bytes;
    }
  }
  return tensors;
}

function dataError(code: 'data-missing' | 'data-corrupt', message: string): DeltascopeError {
  return new DeltascopeError(code, 'data', message);
}
