import { DeltascopeError } from '../../src-shared/errors';
import { CarriedRests } from '../engine/codecs/carried-rests';
import { CompletedInputs, holdsRows } from '../engine/codecs/completed-inputs';
import { rowsOfPart } from '../engine/codecs/kept-rows';
import { LazyPart } from '../engine/codecs/lazy-part';
import { packWholes } from '../engine/codecs/pack-wholes';
import { RowPlaces } from '../engine/codecs/row-places';
import { encode } from '../engine/codecs/storage';
import { wholeGradients } from '../engine/codecs/whole-gradients';
import type {
  LayerStorage,
  PartRecord,
  RecordPart,
  StepExamples,
  StoredPart,
  TracedLayer,
} from '../engine/records';
import { StepEncoder } from './encode-step';
import { writingError } from './failures';
import { type OpenedRun, openRun, type TraceWriterOptions } from './open-run';
import { runFiles } from './run-folder';
import { StepStream } from './step-stream';
import { storageResult } from './stored-storage';
import { TraceReader } from './trace-reader';

export interface RepackOptions extends TraceWriterOptions {
  readonly signal?: AbortSignal;
  readonly onStep?: (step: number, steps: number) => void;
}

/**
 * Writes a finished run's steps anew in another storage. The new shards are complete on the disk
 * before one transaction of the index names them in place of the old ones, which are removed last:
 * whenever it is cut off, the run is whole, as it was or as it is to be, and the next opening for
 * writing removes what nothing names.
 *
 * @param storage of every layer; a part that is not stored yet can't be asked for
 * @returns bytes of the shards before and after
 * @throws DeltascopeError `run-unfinished`, `run-locked`, `trace-damaged`, `cancelled`, `disk-full`,
 * `no-permission` or `write-failed`.
 */
export async function repackTrace(
  folder: string,
  storage: ReadonlyMap<string, LayerStorage>,
  { signal, onStep, ...options }: RepackOptions = {},
): Promise<{ readonly before: number; readonly after: number }> {
  const run = await openRun(folder, options);
  try {
    if (run.finishedAt === null) {
      const message = `${folder} is unfinished; only a finished run can be packed anew.`;
      throw new DeltascopeError('run-unfinished', 'trace', message);
    }
    return await replaceShards(run, storage, signal, onStep);
  } catch (error) {
    throw writingError(error, folder);
  } finally {
    run.index.close(true);
    run.lock.release();
  }
}

async function replaceShards(
  run: OpenedRun,
  storage: ReadonlyMap<string, LayerStorage>,
  signal: AbortSignal | undefined,
  onStep: RepackOptions['onStep'],
): Promise<{ before: number; after: number }> {
  const { folder, options, index } = run;
  const { fileSystem } = options;
  const reader = await TraceReader.open(folder, { fileSystem });
  const stream = new StepStream(run, () => undefined);
  const encoder = new StepEncoder();
  const written: string[] = [];
  const rests = new CarriedRests(run.description.recipe.optimizer);
  const layers = run.description.tracedLayers;
  const whole = layers.map(({ name }) => name).filter((name) => !holdsRows({ storage }, name));
  const completed = new CompletedInputs(reader, whole);
  const places = new Map(layers.map(({ name }) => [name, new RowPlaces()]));
  try {
    const before = reader.shardBytes;
    for await (const { step, parts, sideState } of reader.storedSteps(signal)) {
      rests.begin({ learningRate: reader.steps.learningRate[step] as number });
      const taken = reader.examplesOf(step);
      const packed = layers.flatMap((layer) => {
        const { name } = layer;
        const [from, to] = [reader.storage.get(name), storage.get(name)];
        const own = parts.filter((part) => part.layer === name);
        return packedLayer(
          { layer, taken, from, to, places: places.get(name) as RowPlaces },
          own.flatMap((part) => completed.take(part)),
          rests,
        );
      });
      await stream.append(encoder.encode({ ...unchanged, step, parts: packed, sideState }));
      onStep?.(step + 1, reader.steps.count);
    }
    const { rows, shards } = stream.cut();
    const records = await Promise.all(shards);
    written.push(...records.map(({ file }) => file));
    await fileSystem.syncFolder(`${folder}/${runFiles.shards}`);
    const results = { [storageResult]: [...storage.values()] };
    // A transaction whose sync failed may still be found in the log after a crash: both sets of shards
    // stay until the next opening knows which of them counts.
    written.length = 0;
    const replaced = index.replaceSteps(rows, records, results);
    reader.close();
    for (const file of replaced) {
      // The run stands on its new shards; what can't be removed now is removed at the next opening.
      await fileSystem.remove(`${folder}/${file}`).catch(() => undefined);
    }
    return { before, after: records.reduce((sum, { bytes }) => sum + bytes, 0) };
  } finally {
    reader.close();
    await stream.close();
    for (const file of written) await fileSystem.remove(`${folder}/${file}`).catch(() => undefined);
  }
}

/** What the index says of a step stays; only where its tensors lie changes. */
const unchanged = {
  ...{ epoch: 0, label: 0, learningRate: 0, loss: 0, accuracy: 0 },
  ...{ examples: new Int32Array(0), ghosts: new Int32Array(0) },
};

/** A layer's way from one storage to another, in a step of such examples. */
interface Way {
  readonly layer: TracedLayer;
  readonly taken: StepExamples;
  /** Rows of X that earlier steps have stored. */
  readonly places: RowPlaces;
  readonly from: LayerStorage | undefined;
  readonly to: LayerStorage | undefined;
}

/** A layer's parts of a step in their new storage. */
function packedLayer(way: Way, parts: readonly StoredPart[], rests: CarriedRests): PartRecord[] {
  const { layer, taken, from, to } = way;
  const [step] = parts;
  if (!from || !to || !step) return [];
  const isSame = to.rank === from.rank && to.parts.every(({ part }) => holds(from, part));
  if (isSame) return parts.flatMap((part) => packedPart(part, way, rests));
  const byPart = new Map(parts.map((each) => [each.part, each]));
  const wholes = wholeGradients(layer, byPart, taken.examples.length);
  if (!wholes) throw new Error(`${layer.name} holds no gradient to pack`);
  return packWholes(layer, to, wholes, (...part) => rests.of(...part)).map(
    ({ part, shape, encoded }) => new LazyPart(step.step, layer.name, part, shape, encoded),
  );
}

/** Whether a part is there: a step's X, and its rows, follow from each other. */
function holds({ parts }: LayerStorage, wanted: RecordPart): boolean {
  const isX = wanted === 'inputs' || wanted === 'rows';
  return parts.some(
    ({ part }) => part === wanted || (isX && (part === 'inputs' || part === 'rows')),
  );
}

/** A part in its new codec; nothing where it is not kept. */
function packedPart(given: StoredPart, way: Way, rests: CarriedRests): PartRecord[] {
  const { layer, to } = way;
  const isOnce = given.part === 'inputs' && to?.parts.some(({ part }) => part === 'rows');
  const part = isOnce ? newRows(given, way) : given;
  const wanted = to?.parts.find((each) => each.part === part?.part);
  if (!wanted || !part) return [];
  const { shape, encoded } = part;
  const block = encoded.codec === 'dense' ? 0 : encoded.block;
  const isSame = wanted.codec === encoded.codec && wanted.block === block;
  const packed = isSame ? encoded : encode(part.data, wanted, rests.of(layer, wanted));
  return [new LazyPart(part.step, layer.name, part.part, shape, packed)];
}

/** The rows of a step's X that no earlier step holds; null where there are none. */
function newRows(inputs: StoredPart, { taken, places }: Way): StoredPart | null {
  const { step, layer, shape } = inputs;
  const fresh = places.fresh(taken, shape[0] ?? 0);
  if (fresh.length === 0) return null;
  const sides = [fresh.length, ...shape.slice(1)];
  return new LazyPart(step, layer, 'rows', sides, rowsOfPart(inputs, fresh));
}
