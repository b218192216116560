import * as v from 'valibot';
import {
  type ArchitectureAnalysis,
  suggestedLayers,
} from '../../../src-shared/architecture/architecture';
import type { ArchitectureComparison } from '../../../src-shared/architecture/comparison';
import type { Progress, RecordProgress } from '../../../src-shared/contract/progress';
import type { RunDetail, RunSummary } from '../../../src-shared/contract/views';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { recall, remember } from '../../shared/memory';

/** Test examples that are asked about. */
const examples = 50;

const compared = v.object({ run: v.string(), other: v.string() });

/** What the layers of a run do for its classes, and the network without some of them. */
class Layers {
  readonly result = new AsyncValue<ArchitectureAnalysis>();
  /** Layers that are done while others are still being read, or could not be. */
  sofar = $state.raw<ArchitectureAnalysis | null>(null);
  /** The layer that is being read. */
  reading = $state<string | null>(null);
  readonly comparison = new AsyncValue<ArchitectureComparison>();
  readonly retraining = new AsyncValue<RunSummary>();
  /** Whether the shallower network begins anew, as the run's given weights don't fit it. */
  startsAnew = $state(false);
  /** Where the shallower recording stands. */
  progress = $state.raw<RecordProgress | null>(null);
  run = $state<string | null>(null);
  /** The finished shallower run that is compared. */
  other = $state<string | null>(null);
  /** Layers that are ticked to be left out. */
  chosen = $state.raw<readonly string[]>([]);

  /** Takes a run, with what it was compared with last; what was shown of another one is forgotten. */
  async take(run: RunDetail): Promise<void> {
    if (this.run === run.id) return;
    this.run = run.id;
    this.chosen = [];
    this.progress = null;
    this.other = null;
    this.comparison.clear();
    this.retraining.clear();
    this.result.clear();
    this.sofar = null;
    await this.ask();
    const last = recall('layers.compared', compared);
    if (last?.run !== run.id || this.run !== run.id || !this.result.value) return;
    await this.compareWith(last.other);
    // A run that is gone by now is nothing to be told of.
    if (this.comparison.error) this.comparison.clear();
  }

  async ask(): Promise<void> {
    const { run } = this;
    if (run === null) return;
    this.sofar = null;
    this.reading = null;
    const found = await this.result.run((options) =>
      call(
        'architecture.analyse',
        { run, examples },
        { ...options, onProgress: (p) => this.#fill(run, p, options.onProgress) },
      ),
    );
    if (found) this.chosen = suggestedLayers(found.layers);
  }

  /** Takes a layer that is done, unless another run has been taken meanwhile. */
  #fill(run: string, progress: Progress, pass: (progress: Progress) => void): void {
    if (run !== this.run) return;
    if (progress.kind === 'layers') {
      this.reading = progress.layer;
      if (progress.sofar) this.sofar = progress.sofar;
    }
    pass(progress);
  }

  toggle(layer: string): void {
    this.chosen = this.chosen.includes(layer)
      ? this.chosen.filter((name) => name !== layer)
      : [...this.chosen, layer];
  }

  /** Records the network without the ticked layers and compares both once it is finished. */
  async retrain(): Promise<void> {
    const { run, chosen } = this;
    if (run === null || chosen.length === 0) return;
    this.comparison.clear();
    this.progress = null;
    this.startsAnew = false;
    const finished = await this.retraining.run(async ({ signal }) => {
      const started = await call('architecture.retrain', { run, layers: chosen }, { signal });
      this.startsAnew = started.startsAnew;
      return call(
        'record.follow',
        { run: started.run.id },
        { signal, onProgress: (p) => p.kind === 'record' && this.#take(p) },
      );
    });
    this.progress = null;
    if (finished?.state !== 'finished') return;
    await this.compareWith(finished.id);
  }

  /** Compares the run with another one of the same data. */
  async compareWith(other: string): Promise<void> {
    this.other = other;
    this.startsAnew = false;
    this.comparison.clear();
    remember('layers.compared', { run: this.run, other });
    await this.compareOver(1);
  }

  /** Compares both networks, each trained with so many seeds in all. */
  async compareOver(seeds: number): Promise<void> {
    const { run, other } = this;
    if (run === null || other === null) return;
    await this.comparison.run((options) =>
      call('architecture.compare', { run, other, examples, seeds }, options),
    );
  }

  #take(progress: RecordProgress): void {
    this.progress = progress;
  }
}

export const layers = new Layers();
