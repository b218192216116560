import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ListedRun } from '../../src-shared/contract/app/runs';
import type { RunDetail, RunSummary } from '../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../src-shared/errors';
import type { Recipe } from '../../src-shared/recipe/recipe';
import type { Compute } from './compute-client';
import type { Recordings } from './recordings';
import type { RegisteredRun, RunEntry, RunRegistry } from './run-registry';

/** Runs as the window sees them: by id, without their paths. */
export class RunViews {
  readonly #compute: Compute;
  readonly #registry: RunRegistry;
  readonly #recordings: Recordings;
  /** What was said of a folder last, while its files are as they were then. */
  readonly #known = new Map<string, { readonly stamp: string; readonly summary: RunSummary }>();

  constructor(compute: Compute, registry: RunRegistry, recordings: Recordings) {
    this.#compute = compute;
    this.#registry = registry;
    this.#recordings = recordings;
  }

  /** Every run on the list; one that can't be read stays on it and says why. */
  list(): Promise<ListedRun[]> {
    return Promise.all(
      this.#registry.list().map(async (entry) => {
        const { openedAt, locked, note } = entry;
        return { ...(await this.#summary(entry)), openedAt, locked, note };
      }),
    );
  }

  async #summary(run: RunEntry): Promise<RunSummary> {
    try {
      const stamp = await stampOf(run.folder);
      const known = this.#known.get(run.folder);
      if (known?.stamp === stamp && !this.#recordings.isActive(run.id)) return known.summary;
      const summary = summaryOf(await this.detail(run));
      if (!summary.recordingNow) this.#known.set(run.folder, { stamp, summary });
      return summary;
    } catch (error) {
      return this.#unreadable(run, reportOf(error, 'app'));
    }
  }

  /** A run's description under its id. */
  async detail(run: RegisteredRun): Promise<RunDetail> {
    try {
      const detail = await this.#compute.call('run.describe', { folder: run.folder });
      return this.named(run, detail);
    } catch (error) {
      // A recording that was just started has nothing on disk yet.
      const recipe = this.#recordings.recipeOf(run.id);
      if (recipe) return this.begun(run, recipe);
      throw error;
    }
  }

  /** What the worker said of a folder, under the run's id. */
  named(run: RegisteredRun, detail: RunDetail): RunDetail {
    const recordingNow = this.#recordings.isActive(run.id) || detail.recordingNow;
    return { ...detail, id: run.id, recordingNow };
  }

  /** A run that was started a moment ago, as far as it is known. */
  begun(run: RegisteredRun, recipe: Recipe): RunDetail {
    const progress = this.#recordings.progressOf(run.id);
    return {
      id: run.id,
      name: basename(run.folder),
      data: recipe.data,
      model: typeof recipe.model === 'string' ? recipe.model : 'own layers',
      recording: recipe.recording,
      state: 'unfinished',
      steps: 0,
      stepsPlanned: progress?.steps ?? 0,
      bytes: 0,
      testAccuracy: null,
      createdAt: new Date().toISOString(),
      recordingNow: true,
      mode: 'examples',
      recipe,
      classNames: [],
      exampleShape: [],
      layers: [],
      examples: { train: 0, test: 0 },
      fingerprint: '',
      versions: {},
      engine: {},
      resumed: [],
      metrics: { step: [], loss: [], accuracy: [] },
    };
  }

  #unreadable(run: RegisteredRun, { code, message }: ErrorReport): RunSummary {
    return {
      id: run.id,
      name: basename(run.folder),
      data: '–',
      model: '–',
      recording: '–',
      state: 'damaged',
      steps: 0,
      stepsPlanned: 0,
      bytes: 0,
      testAccuracy: null,
      createdAt: '',
      recordingNow: false,
      mode: 'examples',
      problem: { code, message },
    };
  }
}

/** Changes whenever a step is committed; the empty string where there is no run. */
async function stampOf(folder: string): Promise<string> {
  const files = ['run.json', 'index.sqlite', 'index.sqlite-wal'];
  const times = files.map((file) =>
    stat(join(folder, file)).then(
      ({ mtimeMs, size }) => `${mtimeMs}:${size}`,
      () => '',
    ),
  );
  return (await Promise.all(times)).join();
}

function summaryOf(detail: RunDetail): RunSummary {
  const { id, name, data, model, recording, state, steps, stepsPlanned } = detail;
  const { bytes, testAccuracy, createdAt, recordingNow, mode } = detail;
  return {
    ...{ id, name, data, model, recording, state, steps, stepsPlanned },
    ...{ bytes, testAccuracy, createdAt, recordingNow, mode },
  };
}
