import { basename } from 'node:path';
import type { RunDetail, RunSummary } from '../../src-shared/contract/views';
import { reportOf } from '../../src-shared/errors';
import type { Recipe } from '../../src-shared/recipe/recipe';
import type { Compute } from './compute-client';
import type { Recordings } from './recordings';
import type { RegisteredRun, RunRegistry } from './run-registry';

/** Runs as the window sees them: by id, without their paths. */
export class RunViews {
  readonly #compute: Compute;
  readonly #registry: RunRegistry;
  readonly #recordings: Recordings;

  constructor(compute: Compute, registry: RunRegistry, recordings: Recordings) {
    this.#compute = compute;
    this.#registry = registry;
    this.#recordings = recordings;
  }

  /** Every run on the list; one that can't be read stays on it and says why. */
  list(): Promise<RunSummary[]> {
    return Promise.all(
      this.#registry.list().map(async (run) => {
        try {
          return summaryOf(await this.detail(run));
        } catch (error) {
          return this.#unreadable(run, reportOf(error, 'app').message);
        }
      }),
    );
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
      metrics: { step: [], loss: [], accuracy: [] },
    };
  }

  #unreadable(run: RegisteredRun, problem: string): RunSummary {
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
      problem,
    };
  }
}

function summaryOf(detail: RunDetail): RunSummary {
  const { id, name, data, model, recording, state, steps, stepsPlanned } = detail;
  const { bytes, testAccuracy, createdAt, recordingNow, mode } = detail;
  return {
    ...{ id, name, data, model, recording, state, steps, stepsPlanned },
    ...{ bytes, testAccuracy, createdAt, recordingNow, mode },
  };
}
