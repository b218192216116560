import { RpcServer } from '../../src-shared/contract/rpc-server';
import { DeltascopeError, reportOf } from '../../src-shared/errors';
import type { TrainingState } from '../engine/records';
import type { FileSystem } from './filesystem';
import type { StepLayout } from './layout';
import { unpackSteps } from './packed-steps';
import { TraceWriter } from './trace-writer';
import type {
  FromWriter,
  OpenedTrace,
  SentState,
  SentSteps,
  ToWriter,
  WriterMethods,
  WriterPort,
  WriterStatus,
} from './writer-protocol';

/**
 * Writes one run for another thread. Steps are taken in their order, each before what was asked after
 * it; a commit is begun in its turn and goes on while the next steps are taken.
 */
export function serveWriter(port: WriterPort<FromWriter, ToWriter>, fileSystem: FileSystem): void {
  let writer: TraceWriter | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let commits = 0;
  let taken = 0;
  const layouts: StepLayout[] = [];

  const inTurn = <T>(work: () => Promise<T> | T): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };
  const opened = (): TraceWriter => {
    if (writer) return writer;
    throw new DeltascopeError('internal', 'trace', 'The writer has no run yet.');
  };
  const statusOf = (of: TraceWriter, failure: unknown = of.failure): WriterStatus => ({
    committedSteps: of.committedSteps,
    bytesWritten: of.bytesWritten,
    commitDue: of.commitDue,
    bytesToCheckpoint: of.bytesToCheckpoint,
    commits,
    taken,
    failure: failure ? reportOf(failure, 'trace') : null,
  });
  const tell = (failure?: unknown): void => {
    if (writer) port.postMessage({ type: 'status', status: statusOf(writer, failure) });
  };
  const begun = (made: TraceWriter): OpenedTrace => {
    writer = made;
    const { description, storage, resume, finishedAt } = made;
    return { description, storage, resume, finishedAt, status: statusOf(made) };
  };
  const takeSteps = async ({
    memory,
    layouts: added,
    steps,
    outside,
  }: SentSteps): Promise<void> => {
    try {
      layouts.push(...added);
      for (const { note, layout: number, place, stretches } of unpackSteps(steps)) {
        const layout = layouts[number] as StepLayout;
        const pieces = stretches.length > 0 ? bytesAt(stretches, memory) : outside;
        await opened().appendEncoded({ note, layout, pieces });
        taken = place;
      }
      tell();
    } catch (error) {
      tell(error);
    }
  };
  const commit = async (begin: (of: TraceWriter) => Promise<void>): Promise<null> => {
    const { done } = await inTurn(() => {
      commits += 1;
      return { done: begin(opened()) };
    });
    try {
      await done;
    } finally {
      tell();
    }
    return null;
  };

  const server = new RpcServer<WriterMethods>(
    {
      create: async ({ folder, description, initial, options }) => {
        const start = { ...stateOf(initial), tensors: () => initial.tensors ?? [] };
        const all = { ...options, fileSystem };
        return begun(await TraceWriter.create(folder, description, start, all));
      },
      open: async ({ folder, options }) =>
        begun(await TraceWriter.open(folder, { ...options, fileSystem })),
      commit: (state) => commit((of) => of.commit(stateOf(state))),
      finish: ({ state, results }) => commit((of) => of.finish(stateOf(state), results)),
      close: async () => {
        await inTurn(() => writer?.close());
        tell();
        return null;
      },
    },
    (message) => port.postMessage(message),
    'trace',
  );
  port.on('message', (message) => {
    if (message.type === 'steps') void inTurn(() => takeSteps(message));
    else if (message.type === 'metric') {
      const { name, step, value } = message.metric;
      void inTurn(() => writer?.addMetric(name, step, value));
    } else server.receive(message);
  });
}

function stateOf({ step, sampler, tensors, carried }: SentState): TrainingState {
  return { step, sampler, tensors: tensors ? () => tensors : null, carried: () => carried };
}

/** A step's bytes, where they lie in shared memory. */
function bytesAt(stretches: ArrayLike<number>, memory: SharedArrayBuffer): readonly Uint8Array[] {
  return Array.from({ length: stretches.length / 2 }, (_, index) => {
    const [begin, count] = [stretches[2 * index] as number, stretches[2 * index + 1] as number];
    return new Uint8Array(memory, begin, count);
  });
}
