import type { Progress } from '../../src-shared/contract/progress';
import { type ErrorReport, reportOf } from '../../src-shared/errors';

export interface JobOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * A value that takes time. A new run cancels the one before; the old value stays, to be shown
 * dimmed, until the new one is there; an error leaves it too.
 */
export class AsyncValue<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<ErrorReport | null>(null);
  loading = $state(false);
  progress = $state.raw<Progress | null>(null);
  #controller: AbortController | null = null;

  /** Whether there is something to show that is out of date. */
  get stale(): boolean {
    return this.loading && this.value !== null;
  }

  /** Starts; gives the value, or null when it failed or a newer run took over. */
  async run(job: (options: JobOptions) => Promise<T>): Promise<T | null> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.loading = true;
    this.error = null;
    this.progress = null;
    const current = () => this.#controller === controller;
    try {
      const value = await job({
        signal: controller.signal,
        onProgress: (progress) => {
          if (current()) this.progress = progress;
        },
      });
      if (!current()) return null;
      this.value = value;
      return value;
    } catch (error) {
      const report = reportOf(error, 'app');
      if (current() && report.code !== 'cancelled') this.error = report;
      return null;
    } finally {
      if (current()) {
        this.loading = false;
        this.progress = null;
      }
    }
  }

  /** Stops waiting; the old value stays. */
  cancel(): void {
    this.#controller?.abort();
    this.#controller = null;
    this.loading = false;
    this.progress = null;
  }

  /** Forgets everything. */
  clear(): void {
    this.cancel();
    this.value = null;
    this.error = null;
  }
}
