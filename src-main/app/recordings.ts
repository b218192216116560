import type {
  MetricPoint,
  Progress,
  RecordEvent,
  RecordProgress,
} from '../../src-shared/contract/progress';
import type { RunDetail } from '../../src-shared/contract/views';
import { cancelledError, DeltascopeError, reportOf } from '../../src-shared/errors';
import type { Recipe } from '../../src-shared/recipe/recipe';
import type { Compute } from './compute-client';
import { eventsBetween } from './recording-events';
import type { RegisteredRun } from './run-registry';

interface Recording {
  readonly recipe: Recipe;
  readonly run: RegisteredRun;
  readonly done: Promise<RunDetail>;
  readonly followers: Set<(progress: RecordProgress) => void>;
  readonly metrics: MetricPoint[];
  readonly events: RecordEvent[];
  progress: RecordProgress | null;
}

/** How a recording came to rest. */
export type RecordingEnd = 'finished' | 'stopped' | 'failed';

/** What the desktop is told: how far the recordings are, or that there is none. */
export interface RecordingsState {
  readonly count: number;
  readonly fraction: number;
  readonly paused: boolean;
}

/**
 * The recordings that this application is making. They go on whether or not a window follows them;
 * a follower that comes late is first given everything that was missed.
 */
export class Recordings {
  readonly #compute: Compute;
  readonly #onChange: (state: RecordingsState) => void;
  readonly #onEnd: (end: RecordingEnd) => void;
  readonly #active = new Map<string, Recording>();

  /** @param onEnd a recording came to rest */
  constructor(
    compute: Compute,
    onChange: (state: RecordingsState) => void,
    onEnd: (end: RecordingEnd) => void = () => {},
  ) {
    this.#compute = compute;
    this.#onChange = onChange;
    this.#onEnd = onEnd;
  }

  get count(): number {
    return this.#active.size;
  }

  isActive(id: string): boolean {
    return this.#active.has(id);
  }

  /** What a recording trains, if this application is making it. */
  recipeOf(id: string): Recipe | null {
    return this.#active.get(id)?.recipe ?? null;
  }

  /** Where a recording stands, if this application is making it. */
  progressOf(id: string): RecordProgress | null {
    return this.#active.get(id)?.progress ?? null;
  }

  /** Records into the run's folder, or goes on with what stands there. */
  start(run: RegisteredRun, recipe: Recipe): void {
    if (this.#active.has(run.id)) {
      throw new DeltascopeError('run-locked', 'app', 'This run is being recorded already.');
    }
    const onProgress = (progress: Progress) => this.#take(run.id, progress);
    const done = this.#compute.call('record.run', { recipe, folder: run.folder }, { onProgress });
    const recording: Recording = {
      recipe,
      run,
      followers: new Set(),
      metrics: [],
      events: [],
      progress: null,
      done: done.finally(() => {
        this.#active.delete(run.id);
        this.#announce();
      }),
    };
    recording.done.then(
      ({ state }) => this.#onEnd(state === 'finished' ? 'finished' : 'stopped'),
      (error: unknown) => {
        this.#note(recording, reportOf(error, 'app').message);
        this.#onEnd('failed');
      },
    );
    this.#active.set(run.id, recording);
    this.#announce();
  }

  /** Follows a recording to its end; null where this application isn't making it. */
  follow(
    id: string,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<RunDetail> | null {
    const recording = this.#active.get(id);
    if (!recording) return null;
    const { followers, progress, metrics, events } = recording;
    followers.add(onProgress);
    if (progress) onProgress({ ...progress, metrics: [...metrics], events: [...events] });
    const left = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(cancelledError('app')), { once: true });
    });
    return Promise.race([recording.done, left]).finally(() => followers.delete(onProgress));
  }

  async pause(id: string): Promise<void> {
    await this.#compute.call('record.pause', { folder: this.#get(id).run.folder });
  }

  async resume(id: string): Promise<void> {
    await this.#compute.call('record.resume', { folder: this.#get(id).run.folder });
  }

  /** Commits what is there and ends; the run can be continued later. */
  async stop(id: string): Promise<void> {
    await this.#compute.call('record.stop', { folder: this.#get(id).run.folder });
  }

  /** Waits until none is left, however each one ends. */
  async settled(): Promise<void> {
    while (this.#active.size > 0) {
      await Promise.allSettled([...this.#active.values()].map(({ done }) => done));
    }
  }

  /** Stops all of them and waits until everything is on disk. */
  async stopAll(): Promise<void> {
    const all = [...this.#active.values()];
    await Promise.allSettled(all.map(({ run }) => this.stop(run.id)));
    await Promise.allSettled(all.map(({ done }) => done));
  }

  #get(id: string): Recording {
    const recording = this.#active.get(id);
    if (!recording) {
      throw new DeltascopeError('request-invalid', 'app', 'This run is not being recorded now.');
    }
    return recording;
  }

  #take(id: string, progress: Progress): void {
    const recording = this.#active.get(id);
    if (!recording || progress.kind !== 'record') return;
    const events = eventsBetween(recording.progress, progress, new Date().toISOString());
    recording.metrics.push(...progress.metrics);
    recording.events.push(...events);
    recording.progress = progress;
    for (const follower of recording.followers) follower({ ...progress, events });
    this.#announce();
  }

  #note(recording: Recording, text: string): void {
    const step = recording.progress?.step ?? 0;
    const event = { at: new Date().toISOString(), step, kind: 'problem', text } as const;
    recording.events.push(event);
    const { progress } = recording;
    if (!progress) return;
    for (const follower of recording.followers)
      follower({ ...progress, metrics: [], events: [event] });
  }

  #announce(): void {
    const all = [...this.#active.values()].map(({ progress }) => progress);
    const steps = all.reduce((sum, progress) => sum + (progress?.steps ?? 0), 0);
    const step = all.reduce((sum, progress) => sum + (progress?.step ?? 0), 0);
    this.#onChange({
      count: all.length,
      fraction: steps > 0 ? step / steps : 0,
      paused: all.length > 0 && all.every((progress) => progress?.state === 'paused'),
    });
  }
}
