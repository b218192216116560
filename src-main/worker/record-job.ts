import { resolve } from 'node:path';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError } from '../../src-shared/errors';
import { type EngineInfo, startEngine } from '../engine/backend';
import { partsOfStorage } from '../engine/codecs/storage';
import { predict } from '../engine/evaluation';
import type { StepExamples } from '../engine/records';
import type { SamplerPlace } from '../engine/sampler';
import { train } from '../engine/training';
import { isRunFolder, type RunDescription } from '../trace/run-folder';
import { storageResult } from '../trace/stored-storage';
import { ThreadedWriter } from '../trace/threaded-writer';
import { TraceReader } from '../trace/trace-reader';
import { describe } from './describe';
import { measuredStorage } from './measured-storage';
import { type PreparedTraining, prepareTraining } from './prepare';
import { RecordProgressStream } from './record-progress';
import { RecordingControl } from './recording-control';
import { resumedMetric } from './run-detail';
import { startWriter } from './start-writer';
import { storageFor } from './storage-choice';

export interface RecordRequest {
  readonly recipe: unknown;
  readonly folder: string;
  /** Folders that the recipe's relative paths start from. */
  readonly bases: readonly string[];
}

/** The recordings this process is making, by folder. */
const controls = new Map<string, RecordingControl>();

/** @throws `request-invalid` where this process isn't recording into `folder` */
export function recordingInto(folder: string): RecordingControl {
  const control = controls.get(resolve(folder));
  if (control) return control;
  throw new DeltascopeError(
    'request-invalid',
    'worker',
    `Nothing is being recorded into ${folder}.`,
  );
}

/**
 * Trains and records into a folder, or goes on with the unfinished run that stands there.
 *
 * @returns whether the training reached its end; a stopped one is committed and can be continued
 * @throws what the recipe, the data or the disk gives cause to, one sentence each
 */
export async function record(
  request: RecordRequest,
  { signal, onProgress }: CallContext,
): Promise<{ finished: boolean }> {
  const folder = resolve(request.folder);
  if (controls.has(folder)) {
    throw new DeltascopeError('run-locked', 'worker', `${folder} is being recorded already.`);
  }
  const control = new RecordingControl();
  controls.set(folder, control);
  const stop = (): void => control.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) control.stop();
  try {
    onProgress({ kind: 'prepare', message: 'Reading the data' });
    const engine = await startEngine();
    const prepared = await prepareTraining(request.recipe, request.bases);
    return await recordPrepared(folder, prepared, engine, control, onProgress);
  } finally {
    signal.removeEventListener('abort', stop);
    controls.delete(folder);
  }
}

async function recordPrepared(
  folder: string,
  prepared: PreparedTraining,
  engine: EngineInfo,
  control: RecordingControl,
  onProgress: CallContext['onProgress'],
): Promise<{ finished: boolean }> {
  const goesOn = await isRunFolder(folder);
  const trainer = await prepared.trainer(goesOn);
  const start = prepared.sampler();
  const writer = goesOn
    ? await ThreadedWriter.open(startWriter(), folder)
    : await ThreadedWriter.create(
        startWriter(),
        folder,
        describeTraining(prepared, start.steps, engine),
        { step: 0, sampler: start.place, tensors: () => trainer.state() },
        { storage: storageFor(prepared, trainer) },
      );
  try {
    checkSameTraining(folder, prepared, writer.description, engine);
    if (writer.finishedAt !== null) return { finished: true };
    const { checkpoint, committedSteps, losses } = writer.resume;
    if (committedSteps > 0) writer.addMetric(resumedMetric, committedSteps, Date.now() / 1000);
    trainer.restore(checkpoint.tensors, folder);
    trainer.recordAs(writer.storage);
    if (checkpoint.step > 0 && partsOfStorage(writer.storage).includes('rows'))
      trainer.goOnAfter(await takenBefore(folder, checkpoint.step));
    const sampler = prepared.sampler(
      checkpoint.step > 0 ? (checkpoint.sampler as SamplerPlace) : undefined,
    );
    const progress = new RecordProgressStream(
      sampler.steps,
      writer,
      writer.bytesWritten,
      committedSteps,
      onProgress,
    );
    progress.tell('training');
    await train({
      trainer,
      sampler,
      examples: prepared.data.train,
      augment: prepared.augment,
      sink: writer,
      committedSteps,
      // A GPU adds up in no fixed order.
      ...(engine.device === 'CPU' ? { recordedLosses: losses } : {}),
      signal: control.signal,
      paused: () => control.paused,
      admission: async () => {
        progress.tell('paused');
        await control.admission();
        progress.forgetTimes();
        if (!control.signal.aborted) progress.tell('training');
      },
      onStep: (report) => progress.onStep(report),
    }).catch(unlessCancelled);
    if (sampler.place.step < sampler.steps) {
      progress.tell('paused', 'Stopped; everything up to here is saved.');
      return { finished: false };
    }
    progress.tell('evaluating');
    const { network } = trainer;
    const testAccuracy = await accuracyOf(prepared, network);
    const storage = await measuredStorage(folder, prepared, network, control.signal).catch(
      unlessCancelled,
    );
    if (!storage) {
      progress.tell('paused', 'Stopped; every step is saved.');
      return { finished: false };
    }
    await writer.finish(
      { step: sampler.steps, sampler: sampler.place, tensors: () => trainer.state() },
      { testAccuracy, [storageResult]: storage },
    );
    progress.tell('finished');
    return { finished: true };
  } finally {
    await writer.close();
    trainer.dispose();
  }
}

/** Who took part in the steps before one, as the run tells. */
async function takenBefore(folder: string, step: number): Promise<StepExamples[]> {
  const reader = await TraceReader.open(folder);
  try {
    return [...reader.allExamples(0, step)];
  } finally {
    reader.close();
  }
}

/** Lets a job that was cancelled end without a result. */
function unlessCancelled(error: unknown): null {
  if (error instanceof DeltascopeError && error.code === 'cancelled') return null;
  throw error;
}

function describeTraining(
  { recipe, model, data, examples }: PreparedTraining,
  steps: number,
  engine: EngineInfo,
): RunDescription {
  const reference = {
    source: recipe.data,
    fingerprint: data.fingerprint,
    examples,
    exampleShape: data.shape,
    classNames: data.classNames,
  };
  return describe(recipe, model, reference, steps, engine);
}

async function accuracyOf(
  { data, examples }: PreparedTraining,
  network: Parameters<typeof predict>[0],
): Promise<number | null> {
  if (examples.test === 0) return null;
  const { predicted } = await predict(network, data.test, examples.test);
  const hits = predicted.reduce(
    (sum, label, index) => sum + Number(label === data.test.labels[index]),
    0,
  );
  return hits / examples.test;
}

/** A run is continued only by the recipe, data and kind of engine that began it. */
function checkSameTraining(
  folder: string,
  { recipe, data }: PreparedTraining,
  run: RunDescription,
  engine: EngineInfo,
): void {
  const differs = (what: string, advice: string): DeltascopeError =>
    new DeltascopeError('run-differs', 'worker', `${folder} holds a run of ${what}; ${advice}.`);
  const fields = Object.keys(recipe) as (keyof typeof recipe)[];
  const field = fields.find(
    (name) => JSON.stringify(recipe[name]) !== JSON.stringify(run.recipe[name] ?? null),
  );
  if (field) {
    throw differs(`another recipe ('${field}' differs)`, 'record into another folder');
  }
  if (data.fingerprint !== run.data.fingerprint) {
    throw differs('other data under the same name', 'bring the data back, or record anew');
  }
  if (engine.backend !== run.engine.backend || engine.device !== run.engine.device) {
    throw differs(
      `another engine (${run.engine.backend} on ${run.engine.device})`,
      'continue it on that engine, so that it stays exact',
    );
  }
}
