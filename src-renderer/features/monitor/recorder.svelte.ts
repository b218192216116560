import type { MovedRun } from '../../../src-shared/contract/app/recording';
import type {
  MetricPoint,
  RecordEvent,
  RecordProgress,
} from '../../../src-shared/contract/progress';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import type { RecipeInput } from '../../../src-shared/recipe/recipe';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { navigation } from '../../shared/navigation.svelte';
import { openRun } from '../../shared/open-run.svelte';

/** The recording that the monitor follows. */
class Recorder {
  run = $state<string | null>(null);
  progress = $state.raw<RecordProgress | null>(null);
  metrics = $state.raw<readonly MetricPoint[]>([]);
  events = $state.raw<readonly RecordEvent[]>([]);
  problem = $state.raw<ErrorReport | null>(null);
  /** Steps that were there when an interrupted recording went on here; the run tells of it later. */
  wentOnAt = $state<number | null>(null);
  /** A pause or a stop was asked for and hasn't come about yet. */
  asked = $state<'pause' | 'resume' | 'stop' | null>(null);
  /** The run that was to be moved to another disk last, and under what id it goes on. */
  toMove = $state<string | null>(null);
  readonly moving = new AsyncValue<MovedRun | null>();
  #controller: AbortController | null = null;

  /** Starts a new recording and follows it. */
  async start(recipe: RecipeInput, name: string): Promise<void> {
    const run = await call('record.start', { recipe, name });
    navigation.go('monitor');
    this.follow(run.id);
    await openRun.open(run.id);
  }

  /** Goes on with an interrupted recording. */
  async resumeRun(id: string): Promise<void> {
    this.problem = null;
    this.moving.clear();
    const steps = openRun.run?.id === id ? openRun.run.steps : null;
    try {
      await call('record.continue', { run: id });
      this.follow(id, steps);
      await openRun.open(id);
    } catch (error) {
      this.problem = reportOf(error, 'app');
    }
  }

  /** Moves an interrupted recording to a folder that the auditor chooses, and goes on with it. */
  async moveRun(id: string): Promise<void> {
    this.toMove = id;
    const moved = await this.moving.run((options) => call('record.move', { run: id }, options));
    if (!moved) return;
    this.follow(moved.run.id, moved.run.steps);
    await openRun.open(moved.run.id);
  }

  /** Follows a recording to its end; following another one leaves this one running. */
  follow(id: string, wentOnAt: number | null = null): void {
    if (this.run === id && this.#controller) return;
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.run = id;
    this.progress = null;
    this.metrics = [];
    this.events = [];
    this.problem = null;
    this.asked = null;
    this.wentOnAt = wentOnAt;
    void this.#follow(id, controller);
  }

  async pause(): Promise<void> {
    await this.#ask('pause', 'record.pause');
  }

  async resume(): Promise<void> {
    await this.#ask('resume', 'record.resume');
  }

  async stop(): Promise<void> {
    await this.#ask('stop', 'record.stop');
  }

  async #follow(id: string, controller: AbortController): Promise<void> {
    const { signal } = controller;
    try {
      await call(
        'record.follow',
        { run: id },
        { signal, onProgress: (p) => p.kind === 'record' && this.#take(p) },
      );
    } catch (error) {
      const report = reportOf(error, 'app');
      if (!signal.aborted && report.code !== 'cancelled') this.problem = report;
    }
    if (signal.aborted) return;
    this.#controller = null;
    this.asked = null;
    if (openRun.id === id) await openRun.open(id);
  }

  #take(progress: RecordProgress): void {
    const turned = this.progress?.state !== progress.state;
    if (turned) this.asked = null;
    this.progress = progress;
    if (progress.metrics.length > 0) this.metrics = [...this.metrics, ...progress.metrics];
    if (progress.events?.length) this.events = [...this.events, ...progress.events];
    // The run has more to tell than before: its layers, what was safe before a pause.
    if (turned && this.run !== null && openRun.id === this.run) void openRun.open(this.run);
  }

  async #ask(
    what: 'pause' | 'resume' | 'stop',
    method: 'record.pause' | 'record.resume' | 'record.stop',
  ): Promise<void> {
    if (this.run === null) return;
    this.asked = what;
    try {
      await call(method, { run: this.run });
    } catch (error) {
      this.asked = null;
      this.problem = reportOf(error, 'app');
    }
  }
}

export const recorder = new Recorder();
