import { DeltascopeError, throwIfCancelled } from '../../src-shared/errors';
import type { Augmenter } from './augmentation';
import { disposeRows, type Examples, labelsOf, rowsOf } from './examples';
import type { RecordSink, TrainingState } from './records';
import type { Batch, Sampler } from './sampler';
import { recordOf, type Trainer } from './step';

/** What the one who trains hears of every step. */
export interface StepReport {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  /** False while steps that are already on disk are repeated. */
  readonly recorded: boolean;
}

export interface TrainingJob {
  readonly trainer: Trainer;
  readonly sampler: Sampler;
  /** Training split; batches index into it. */
  readonly examples: Examples;
  /** Changes each step's images; null: they stay as they are. */
  readonly augment?: Augmenter | null;
  readonly sink: RecordSink;
  /**
   * Steps already on disk. Training is the same bit for bit each time, so a training that goes on
   * from an earlier checkpoint repeats the steps up to here without recording them.
   */
  readonly committedSteps: number;
  /** Losses of the last steps on disk, which repeated ones have to reach to the bit; absent: not compared. */
  readonly recordedLosses?: Float64Array;
  readonly signal: AbortSignal;
  /** Whether to wait after this step; what is there is committed first. */
  readonly paused: () => boolean;
  /** Resolves when a paused training may go on. */
  readonly admission: () => Promise<void>;
  readonly onStep: (report: StepReport) => void;
}

/**
 * Trains to the end of the sampler and records every step.
 *
 * @throws `cancelled` after the last whole step has been committed; `training-diverged` where the
 *   loss is no number any more, after the steps before have been committed; `run-differs` where a step
 *   that is repeated comes out otherwise than it was recorded; what the sink throws
 */
export async function train(job: TrainingJob): Promise<void> {
  const { sampler, sink, trainer } = job;
  if (sink.memory) trainer.recordInto(sink.memory);
  let durable: Promise<void> = Promise.resolve();
  let taken = 0;
  try {
    for (let batch = sampler.next(); batch; batch = sampler.next()) {
      await takeStep(job, batch, batch.step >= job.committedSteps);
      taken = batch.step + 1;
      if (sink.commitDue) {
        await durable;
        durable = sink.commit(stateOf(job));
        // Awaited before the next commit; a failure until then must not count as unhandled.
        durable.catch(() => undefined);
      }
      if (job.paused()) {
        await durable;
        await sink.commit(stateOf(job));
        await job.admission();
      }
      if (job.signal.aborted) break;
    }
  } catch (error) {
    const isDiverged = error instanceof DeltascopeError && error.code === 'training-diverged';
    if (isDiverged && taken > job.committedSteps) {
      await durable;
      await sink.commit({ step: taken, sampler: null, tensors: null });
    }
    throw error;
  } finally {
    await durable;
  }
  if (sampler.place.step >= job.committedSteps) await sink.commit(stateOf(job));
  throwIfCancelled(job.signal, 'engine');
}

async function takeStep(job: TrainingJob, batch: Batch, recorded: boolean): Promise<void> {
  const { trainer, examples, sink } = job;
  const chosen = (indices: Int32Array) =>
    rowsOf(examples, indices, (values) => job.augment?.(values, indices, batch.step));
  const data = chosen(batch.examples);
  const ghosts = batch.ghosts.length > 0 ? chosen(batch.ghosts) : null;
  const rows = { batch: data, labels: labelsOf(examples, batch.examples), ghosts };
  // Repeated steps are encoded as well, so that what they leave over is carried on.
  const outcome = trainer.step(batch, rows, true);
  disposeRows(data);
  if (ghosts) disposeRows(ghosts);
  if (!Number.isFinite(outcome.loss)) {
    throw new DeltascopeError(
      'training-diverged',
      'engine',
      `The loss of step ${batch.step} is ${outcome.loss}: the training diverged. Lower the learning rate.`,
    );
  }
  if (recorded) await sink.append(recordOf(batch, outcome));
  else checkRepeated(job, batch.step, outcome.loss);
  const { step, epoch } = batch;
  const { loss, accuracy } = outcome;
  job.onStep({ step, epoch, loss, accuracy, recorded });
  // Lets messages in between two steps: pause, cancel, another view's request.
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Going on from other weights than those that the records lead to would be noticed by nobody. */
function checkRepeated(job: TrainingJob, step: number, loss: number): void {
  const { committedSteps, recordedLosses } = job;
  const recorded = recordedLosses?.at(step - committedSteps);
  if (recorded === undefined || Object.is(recorded, loss)) return;
  throw new DeltascopeError(
    'run-differs',
    'engine',
    `Step ${step} comes out otherwise than it was recorded (loss ${loss} in place of ${recorded}), so going on would not be exact: continue the run on the machine and with the number of threads that began it, or record anew. Nothing was changed.`,
  );
}

function stateOf({ trainer, sampler }: TrainingJob): TrainingState {
  const place = sampler.place;
  return {
    step: place.step,
    sampler: place,
    tensors: () => trainer.state(),
    carried: () => trainer.carried(),
  };
}
