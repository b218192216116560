import { basename, join, resolve } from 'node:path';
import { DeltascopeError } from '../../src-shared/errors';
import { resolveModel } from '../../src-shared/model/shapes';
import { openDataSet, renamedTo } from '../data/catalogue';
import type { DataSet } from '../data/data-set';
import { normalized } from '../data/normalized';
import { startEngine } from '../engine/backend';
import { type Predictions, predict } from '../engine/evaluation';
import type { ExplainableRun } from '../engine/explanation/explainable-run';
import { Network } from '../engine/network';
import { requireExamples } from '../privacy/policy';
import { runFiles } from '../trace/run-folder';
import { TraceReader } from '../trace/trace-reader';

/** A finished run with its data and its final network. */
export interface OpenRun {
  readonly folder: string;
  readonly reader: TraceReader;
  readonly data: DataSet;
  readonly explainable: ExplainableRun;
  /** Predictions on the examples of a split that take part; worked out once. */
  predictions(split: 'train' | 'test', signal?: AbortSignal): Promise<Predictions>;
  close(): void;
}

/**
 * Opens a finished run for explanation.
 *
 * @throws what `openForAggregates` throws, `not-disclosable` where its owner keeps it to aggregates
 */
export async function openRun(path: string): Promise<OpenRun> {
  await requireExamples(resolve(path));
  return openForAggregates(path);
}

/**
 * Opens a finished run of which nothing but aggregates will be shown.
 *
 * @throws `run-missing`, `run-not-a-run`, `run-unfinished`, `data-missing`, `run-differs` where the
 *   data is not what the run was trained on
 */
export async function openForAggregates(path: string): Promise<OpenRun> {
  const folder = resolve(path);
  await startEngine();
  const reader = await TraceReader.open(folder);
  try {
    const final = await reader.weights('final');
    const { data, model } = await reopen(reader);
    const network = new Network(model, 0);
    network.parameters.import(final, folder);
    return assemble(folder, reader, data, network);
  } catch (error) {
    reader.close();
    throw error;
  }
}

async function reopen(reader: TraceReader) {
  const { recipe, layers, data: reference } = reader.description;
  const named = renamedTo(recipe.data, reference.fingerprint) ?? recipe.data;
  const data = normalized(await openDataSet(named, reader.folder), recipe.normalize);
  if (data.fingerprint !== reference.fingerprint) {
    throw new DeltascopeError(
      'run-differs',
      'worker',
      `The data '${recipe.data}' is not what ${reader.folder} was trained on: its fingerprint differs. Bring back the original data.`,
    );
  }
  return { data, model: resolveModel(layers, data.shape, data.classNames.length) };
}

function assemble(folder: string, reader: TraceReader, data: DataSet, network: Network): OpenRun {
  const found = new Map<string, Predictions>();
  const { recipe, data: reference } = reader.description;
  return {
    folder,
    reader,
    data,
    explainable: {
      name: basename(folder),
      source: reader,
      network,
      optimizer: recipe.optimizer,
      splits: { train: data.train, test: data.test },
      perExample: recipe.perExample,
    },
    async predictions(split, signal) {
      const known = found.get(split);
      if (known) return known;
      const predictions = await predict(network, data[split], reference.examples[split], signal);
      found.set(split, predictions);
      return predictions;
    },
    close() {
      reader.close();
      network.dispose();
    },
  };
}

/** The weights that a run was given to start with, as it keeps them; null: it starts from its seed. */
export function ownStart(run: OpenRun): string | null {
  const { initialWeights } = run.reader.description.recipe;
  return initialWeights === null ? null : join(run.folder, runFiles.initial);
}

/** Keeps the runs that were asked for last open, so that the next question answers at once. */
export class OpenRuns {
  private readonly open = new Map<string, Promise<OpenRun>>();

  constructor(private readonly most: number) {}

  /** A run whose single examples may be shown; its policy is read anew each time. */
  async get(path: string): Promise<OpenRun> {
    await requireExamples(resolve(path));
    return this.forAggregates(path);
  }

  /** A run of which nothing but aggregates will be shown. */
  forAggregates(path: string): Promise<OpenRun> {
    const folder = resolve(path);
    const held = this.open.get(folder) ?? openForAggregates(folder);
    this.open.delete(folder);
    this.open.set(folder, held);
    held.catch(() => this.open.delete(folder));
    const [oldest] = this.open;
    if (this.open.size > this.most && oldest) {
      this.open.delete(oldest[0]);
      oldest[1].then((run) => run.close()).catch(() => undefined);
    }
    return held;
  }
}
