import { basename } from 'node:path';
import * as v from 'valibot';
import { DeltascopeError } from '../../src-shared/errors';
import type { LayerSpec } from '../../src-shared/model/layer-spec';
import { tracedKinds } from '../../src-shared/model/resolved';
import type { Recipe } from '../../src-shared/recipe/recipe';
import { type RecordPart, recordParts, type TracedLayer } from '../engine/records';
import { damaged, fileOfRun, isDenied, isMissing, readingError, writingError } from './failures';
import { type FileSystem, nodeFileSystem, readFully, replaceFile } from './filesystem';

/** Version of the run folder that is written, and the newest that is read. */
export const formatVersion = 1;

/** Names inside a run folder. */
export const runFiles = {
  description: 'run.json',
  index: 'index.sqlite',
  lock: 'lock.sqlite',
  shards: 'shards',
  checkpoints: 'checkpoints',
  initial: 'checkpoints/initial.safetensors',
  final: 'checkpoints/final.safetensors',
} as const;

/** Longest run.json that is read, bytes: class names are the only part that grows. */
const maxDescriptionBytes = 64 * 1024 * 1024;

/** `run.json`: what was trained on what, with what; it never changes once the run exists. */
export interface RunDescription {
  readonly formatVersion: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly recipe: Recipe;
  /** The model's layers in full, presets resolved. */
  readonly layers: readonly LayerSpec[];
  readonly data: DataReference;
  readonly tracedLayers: readonly TracedLayer[];
  /** What each step keeps of a traced layer. */
  readonly parts: readonly RecordPart[];
  readonly stepsPlanned: number;
  /** Versions of Deltascope and of what computed, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** What the bits of the result depend on: backend, device, threads, settings. */
  readonly engine: Readonly<Record<string, string | number | boolean>>;
}

export interface DataReference {
  /** Name of a data set, or absolute path to a file. */
  readonly source: string;
  /** SHA-256 over the examples. */
  readonly fingerprint: string;
  readonly examples: { readonly train: number; readonly test: number };
  readonly exampleShape: readonly number[];
  readonly classNames: readonly string[];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const json = v.record(v.string(), v.unknown());
const descriptionSchema = v.object({
  formatVersion: count,
  createdAt: v.string(),
  // The recipe and the layers have their own checks where they are used.
  recipe: v.pipe(
    json,
    v.transform((value) => value as unknown as Recipe),
  ),
  layers: v.pipe(
    v.array(json),
    v.transform((value) => value as unknown as LayerSpec[]),
  ),
  data: v.object({
    source: v.string(),
    fingerprint: v.string(),
    examples: v.object({ train: count, test: count }),
    // −1 stands for a size that differs from example to example.
    exampleShape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(-1))),
    classNames: v.array(v.string()),
  }),
  tracedLayers: v.array(
    v.object({
      name: v.string(),
      kind: v.picklist(tracedKinds),
      rows: count,
      columns: count,
      bias: v.boolean(),
    }),
  ),
  parts: v.array(v.picklist(recordParts)),
  stepsPlanned: count,
  versions: v.record(v.string(), v.string()),
  engine: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
});

/** Refuses a run that a newer version has written, in one sentence. */
export function newerError(folder: string, what: string, found: number, known: number): Error {
  const message = `${folder} was recorded by a newer version of Deltascope (${what} ${found}, this version reads up to ${known}); update Deltascope to open it.`;
  return new DeltascopeError('run-newer', 'trace', message);
}

/**
 * Reads a run's description.
 *
 * @throws DeltascopeError `run-missing`, `run-not-a-run`, `run-newer`, `no-permission` or
 * `trace-damaged`, one sentence each.
 */
export async function readRunDescription(
  folder: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<RunDescription> {
  const place = fileOfRun(folder, runFiles.description);
  const text = await readDescriptionText(folder, fileSystem);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw damaged(place, 'it is not JSON');
  }
  const version = v.safeParse(v.object({ formatVersion: count }), parsed);
  if (version.success && version.output.formatVersion > formatVersion) {
    throw newerError(folder, 'run format', version.output.formatVersion, formatVersion);
  }
  const description = v.safeParse(descriptionSchema, parsed);
  if (description.success) return description.output;
  const issue = description.issues[0];
  throw damaged(place, `field "${v.getDotPath(issue) ?? ''}" is not as written: ${issue.message}`);
}

async function readDescriptionText(folder: string, fileSystem: FileSystem): Promise<string> {
  const place = fileOfRun(folder, runFiles.description);
  await requireFolder(folder, fileSystem);
  try {
    const path = `${folder}/${runFiles.description}`;
    const { bytes } = await fileSystem.status(path);
    if (bytes > maxDescriptionBytes) throw damaged(place, `it has ${bytes} bytes, too many`);
    const file = await fileSystem.openForReading(path);
    try {
      const content = new Uint8Array(bytes);
      const read = await readFully(file, content, 0);
      return new TextDecoder().decode(content.subarray(0, read));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) {
      const message = `${folder} is not a Deltascope run: it has no run.json.`;
      throw new DeltascopeError('run-not-a-run', 'trace', message);
    }
    throw readingError(error, place);
  }
}

async function requireFolder(folder: string, fileSystem: FileSystem): Promise<void> {
  try {
    if ((await fileSystem.status(folder)).isFolder) return;
  } catch (error) {
    if (isDenied(error)) throw readingError(error, folder);
    throw new DeltascopeError('run-missing', 'trace', `${folder} does not exist.`);
  }
  const message = `${folder} is not a Deltascope run: it is a file, not a folder.`;
  throw new DeltascopeError('run-not-a-run', 'trace', message);
}

/** Whether a folder holds a run, finished or not: it has a run.json. */
export async function isRunFolder(
  folder: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<boolean> {
  try {
    await fileSystem.status(`${folder}/${runFiles.description}`);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw readingError(error, basename(folder));
  }
}

/** Writes a run's description, last of all when a run is created: with it the folder is a run. */
export async function writeRunDescription(
  folder: string,
  description: RunDescription,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const text = `${JSON.stringify(description, null, 2)}\n`;
  const chunks = [new TextEncoder().encode(text)];
  try {
    await replaceFile(fileSystem, folder, runFiles.description, chunks);
  } catch (error) {
    throw writingError(error, fileOfRun(folder, runFiles.description));
  }
}
