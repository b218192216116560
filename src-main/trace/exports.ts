import { basename, dirname } from 'node:path';
import { DeltascopeError } from '../../src-shared/errors';
import { trainedMaps } from '../../src-shared/model/traced-choice';
import type { NamedArray, TracedLayer } from '../engine/records';
import { writingError } from './failures';
import { type FileSystem, nodeFileSystem, replaceFile } from './filesystem';
import {
  type ApplyUpdate,
  checkpointBefore,
  parameterNames,
  plainSgd,
  type ReplayRules,
  replay,
} from './replay';
import { bytesOf, headerOfShapes, writeTensors } from './safetensors';
import type { TraceReader } from './trace-reader';

export interface ExportOptions extends Omit<ReplayRules, 'apply'> {
  /** The optimizer that trained the run. Default: plain SGD. */
  readonly apply?: ApplyUpdate;
  readonly signal?: AbortSignal;
  readonly fileSystem?: FileSystem;
}

function invalid(message: string): DeltascopeError {
  return new DeltascopeError('request-invalid', 'trace', message);
}

function layerNamed(reader: TraceReader, name: string): TracedLayer {
  const layer = reader.layers.find((traced) => traced.name === name);
  if (layer) return layer;
  const names = reader.layers.map((traced) => traced.name).join(', ');
  const message = isTrained(reader, name)
    ? `Layer "${name}" was not recorded, so ${reader.folder} has no updates of it; recorded are ${names}.`
    : `${reader.folder} has no traced layer "${name}"; it has ${names}.`;
  throw new DeltascopeError('layer-missing', 'trace', message);
}

/** Whether the model has a linear map of that name that training moves. */
function isTrained({ description }: TraceReader, name: string): boolean {
  return trainedMaps(description.layers).includes(name);
}

/** @throws DeltascopeError where layers were not recorded that no checkpoint at `step` has */
function checkRecorded(reader: TraceReader, step: number): void {
  const recorded = new Set(reader.layers.map(({ name }) => name));
  const others = trainedMaps(reader.description.layers).filter((name) => !recorded.has(name));
  if (others.length === 0) return;
  const there = [...new Set(reader.checkpoints.map((stored) => stored.step))].sort((a, b) => a - b);
  throw invalid(
    `The weights of ${others.join(', ')} before step ${step} are unknown, as their updates were not recorded; whole weights are kept before the steps ${there.join(', ')}.`,
  );
}

function rulesOf(options: ExportOptions): ReplayRules {
  return { apply: plainSgd, ...options };
}

/** The update Δ_t of a replayed step. */
function updateOf(before: Float32Array, after: { weights: Float32Array; update?: Float32Array }) {
  return after.update ?? after.weights.map((value, index) => value - (before[index] ?? 0));
}

/**
 * Writes a layer's updates Δ_t, t from `from` to before `to`, decoded to fp32 whatever they are stored
 * as, as tensors named by
 * the step number, [rows, columns] with a bias as the last row.
 *
 * @throws DeltascopeError `layer-missing`, `request-invalid`, `trace-damaged`, `cancelled` or what
 * writing fails with.
 */
export async function exportUpdates(
  reader: TraceReader,
  layerName: string,
  range: { readonly from: number; readonly to: number },
  path: string,
  options: ExportOptions = {},
): Promise<void> {
  const layer = layerNamed(reader, layerName);
  const { from, to } = range;
  const { count } = reader.steps;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from >= to || to > count) {
    throw invalid(`Steps ${from}:${to} are not in this run; it has steps 0:${count}.`);
  }
  const shape = [layer.rows, layer.columns];
  const names = Array.from({ length: to - from }, (_, index) => String(from + index));
  const header = headerOfShapes(
    names.map((name) => ({ name, shape })),
    { layer: layerName, content: 'updates' },
  );
  if (header === null)
    throw invalid(`Steps ${from}:${to} are too many for one file; ask for fewer.`);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (header) yield header;
    const rules = rulesOf(options);
    for await (const { before, after } of replay(reader, [layer], range, rules, options.signal)) {
      yield bytesOf(updateOf(before.weights, after));
    }
  }
  await writeChunks(path, chunks(), options.fileSystem);
}

/**
 * The weights before step `step` (the number of steps: after the last one), under the export's
 * names, in the order of the checkpoints. Exact where a checkpoint stands, so at the start and the
 * end, and everywhere where the trace is fp32; else the nearest checkpoint before with the decoded
 * updates since, which are needed of every layer.
 *
 * @throws DeltascopeError `request-invalid`, `trace-damaged`, `no-permission` or `cancelled`.
 */
export async function weightsBefore(
  reader: TraceReader,
  step: number,
  options: ExportOptions = {},
): Promise<readonly NamedArray[]> {
  const { count } = reader.steps;
  if (!Number.isInteger(step) || step < 0 || step > count) {
    throw invalid(`There are no weights before step ${step}; this run has steps 0:${count}.`);
  }
  const start = await checkpointBefore(reader, step);
  const tensors = start.tensors;
  if (start.step < step) {
    checkRecorded(reader, step);
    const matrices = new Map<string, Float32Array>();
    const range = { from: step - 1, to: step };
    const rules = rulesOf(options);
    const steps = replay(reader, reader.layers, range, rules, options.signal);
    for await (const { layer, after } of steps) {
      matrices.set(layer, after.weights);
    }
    for (const layer of reader.layers) placeMatrix(tensors, layer, matrices.get(layer.name));
    for (const state of await reader.sideState(step - 1)) tensors.set(state.name, state);
  }
  return [...tensors.values()].filter(({ name }) => !name.startsWith('optimizer/'));
}

/** Splits a layer's matrix into its parameters again. */
function placeMatrix(
  tensors: Map<string, NamedArray>,
  layer: TracedLayer,
  matrix: Float32Array | undefined,
): void {
  let position = 0;
  for (const name of parameterNames(layer)) {
    const old = tensors.get(name);
    if (!old || !matrix) continue;
    const data = matrix.slice(position, position + old.data.length);
    position += old.data.length;
    tensors.set(name, { name, shape: old.shape, data });
  }
}

/** Writes the weights before step `step` as safetensors. Errors: see `weightsBefore`. */
export async function exportWeights(
  reader: TraceReader,
  step: number,
  path: string,
  options: ExportOptions = {},
): Promise<void> {
  const tensors = await weightsBefore(reader, step, options);
  await writeTensors(path, tensors, { step: String(step) }, options.fileSystem);
}

/** One line of JSON per step, from which a training can be repeated batch by batch. */
export function* batchLines(reader: TraceReader): Iterable<string> {
  const { label, learningRate, loss } = reader.steps;
  for (const { step, examples, ghosts } of reader.allExamples()) {
    const line = {
      step,
      label: label[step],
      examples: [...examples],
      ghosts: [...ghosts],
      learningRate: learningRate[step],
      loss: loss[step],
    };
    yield `${JSON.stringify(line)}\n`;
  }
}

/** Writes `batchLines` to a file. */
export async function exportBatches(
  reader: TraceReader,
  path: string,
  fileSystem?: FileSystem,
): Promise<void> {
  const encoder = new TextEncoder();
  function* chunks(): Iterable<Uint8Array> {
    for (const line of batchLines(reader)) yield encoder.encode(line);
  }
  await writeChunks(path, chunks(), fileSystem);
}

async function writeChunks(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  try {
    await replaceFile(fileSystem, dirname(path), basename(path), chunks);
  } catch (error) {
    throw writingError(error, path);
  }
}
