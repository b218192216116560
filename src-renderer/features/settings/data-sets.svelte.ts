import type { DataSetInfo } from '../../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';

/** The data sets that this user has imported, to be renamed and removed. */
class ImportedSets {
  readonly list = new AsyncValue<readonly DataSetInfo[]>();
  problem = $state.raw<ErrorReport | null>(null);

  async read(): Promise<void> {
    await this.list.run(async (options) => {
      const all = await call('data.list', {}, options);
      return all.filter(({ importedFrom }) => importedFrom !== null);
    });
  }

  /** Gives a data set another name; whether it could be. */
  rename(name: string, to: string): Promise<boolean> {
    return this.#change(() => call('data.rename', { name, to }));
  }

  /** Deletes a data set; whether it could be. */
  remove(name: string): Promise<boolean> {
    return this.#change(() => call('data.remove', { name }));
  }

  async #change(change: () => Promise<null>): Promise<boolean> {
    this.problem = null;
    try {
      await change();
      await this.read();
      return true;
    } catch (error) {
      this.problem = reportOf(error, 'app');
      return false;
    }
  }
}

export const importedSets = new ImportedSets();
