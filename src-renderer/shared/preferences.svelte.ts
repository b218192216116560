import type { WindowSettings } from '../../src-shared/contract/app/shell';
import { type ErrorReport, reportOf } from '../../src-shared/errors';
import { groupThousands } from '../../src-shared/format/numbers';
import {
  changedPreferences,
  defaultPreferences,
  type PreferenceChanges,
  type Preferences,
} from '../../src-shared/preferences';
import type { PrivacyMode } from '../../src-shared/privacy/review';
import { call } from '../api/client';
import { takeMemory } from './memory';

/** What the auditor has set; a change holds at once and is kept. */
class PreferencesState {
  values = $state.raw<Preferences>(defaultPreferences);
  /** `aggregates`: this is a reviewer's window. */
  mode = $state<PrivacyMode>('examples');
  runsFolder = $state('');
  /** The start named the folder; it can't be chosen. */
  runsFolderGiven = $state(false);
  /** Why the last change could not be kept. */
  problem = $state.raw<ErrorReport | null>(null);

  /** Reads what was kept; done before the window is drawn. */
  async read(): Promise<void> {
    this.#take(await call('settings.read', {}));
  }

  #take({ mode, preferences, runsFolder, runsFolderGiven, memory }: WindowSettings): void {
    this.mode = mode;
    this.#apply(preferences);
    this.runsFolder = runsFolder;
    this.runsFolderGiven = runsFolderGiven;
    takeMemory(memory);
  }

  /** Sets something at once; where it can't be kept, what was set before holds again. */
  async change(changes: PreferenceChanges): Promise<void> {
    const before = this.values;
    this.#apply(changedPreferences(before, changes));
    await this.#try(async () => {
      await call('settings.change', changes).catch((error: unknown) => {
        this.#apply(before);
        throw error;
      });
    });
  }

  /** Asks for another folder for new recordings. */
  async chooseRunsFolder(): Promise<void> {
    await this.#try(async () => {
      const folder = await call('settings.choose-runs-folder', {});
      if (folder !== null) this.runsFolder = folder;
    });
  }

  async #try(job: () => Promise<void>): Promise<void> {
    this.problem = null;
    try {
      await job();
    } catch (error) {
      this.problem = reportOf(error, 'app');
    }
  }

  #apply(values: Preferences): void {
    this.values = values;
    groupThousands(values.numbers);
    const { dataset } = document.documentElement;
    dataset.contrast = values.contrast;
    dataset.motion = values.motion;
  }
}

export const preferences = new PreferencesState();
