import type { ListedRun, RemovedRun } from '../../../src-shared/contract/app/runs';
import type { RunSummary } from '../../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import type { Screen } from '../../../src-shared/screens';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { navigation } from '../../shared/navigation.svelte';
import { openRun } from '../../shared/open-run.svelte';
import { type Undoable, undo } from '../../shared/undo.svelte';

/** The runs that this user knows. */
class Runs {
  readonly list = new AsyncValue<readonly ListedRun[]>();
  /** Taken off the list, and can be put back. */
  removed = $state.raw<readonly RemovedRun[]>([]);
  /** Why the last thing asked for could not be done. */
  problem = $state.raw<ErrorReport | null>(null);
  #undoable = new Map<string, Undoable>();

  async refresh(): Promise<void> {
    await this.list.run((options) => call('runs.list', {}, options));
    this.removed = await call('runs.removed', {}).catch(() => []);
  }

  /** Opens a run where it belongs: a running one in the monitor, a finished one for explanation. */
  async show(run: RunSummary): Promise<void> {
    if (run.problem) return;
    navigation.go(screenOf(run));
    await openRun.open(run.id);
    await call('runs.opened', { run: run.id });
  }

  /** Opens a run of the list by its id. */
  async openKnown(id: string): Promise<void> {
    if (!this.list.value?.some((run) => run.id === id)) await this.refresh();
    const run = this.list.value?.find((each) => each.id === id);
    if (run?.problem) navigation.go('home');
    else if (run) await this.show(run);
  }

  /** Asks for a folder and opens the run in it. */
  async openFolder(): Promise<void> {
    await this.#try(async () => {
      const run = await call('runs.open', {});
      if (!run) return;
      await this.show(run);
      await this.refresh();
    });
  }

  /** Asks where a run's folder has gone to. */
  async locate(run: RunSummary): Promise<void> {
    await this.#try(async () => {
      if (await call('runs.locate', { run: run.id })) await this.refresh();
    });
  }

  /** Takes a run off the list; it can be undone at once, and for 30 days. */
  async forget(run: RunSummary): Promise<void> {
    await this.#try(async () => {
      await call('runs.forget', { run: run.id });
      openRun.close(run.id);
      const undoable: Undoable = {
        done: `${run.name} is off the list; its folder stays.`,
        takeBack: () => this.restore(run),
      };
      this.#undoable.set(run.id, undoable);
      undo.push(undoable);
      await this.refresh();
    });
  }

  /** Puts a run back on the list. */
  async restore({ id }: { readonly id: string }): Promise<void> {
    const undoable = this.#undoable.get(id);
    if (undoable) undo.drop(undoable);
    this.#undoable.delete(id);
    await this.#try(async () => {
      await call('runs.restore', { run: id });
      await this.refresh();
    });
  }

  async lock(run: ListedRun): Promise<void> {
    await this.#try(async () => {
      await call('runs.lock', { run: run.id, locked: !run.locked });
      await this.refresh();
    });
  }

  /** Keeps a note on a run; it can be undone. */
  async note(run: ListedRun, note: string): Promise<void> {
    await this.#note(run, note);
    undo.push({
      done: `The note on ${run.name} is changed.`,
      takeBack: () => this.#note(run, run.note),
    });
  }

  async #note({ id }: ListedRun, note: string): Promise<void> {
    await this.#try(async () => {
      await call('runs.note', { run: id, note });
      await this.refresh();
    });
  }

  async #try(job: () => Promise<void>): Promise<void> {
    this.problem = null;
    try {
      await job();
    } catch (error) {
      this.problem = reportOf(error, 'app');
      navigation.go('home');
    }
  }
}

/** Where a run is looked at first. */
function screenOf({ recordingNow, state, mode }: RunSummary): Screen {
  if (recordingNow || state !== 'finished') return 'monitor';
  return mode === 'aggregates' ? 'release' : 'explain';
}

export const runs = new Runs();
