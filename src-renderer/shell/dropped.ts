import { reportOf } from '../../src-shared/errors';
import { call, offerSource } from '../api/client';
import { runs } from '../features/home/runs.svelte';
import { draft } from '../features/new-recording/draft.svelte';
import { dataImport } from '../features/new-recording/import/data-import.svelte';
import { navigation } from '../shared/navigation.svelte';

/** Takes what was dropped on the window to where it belongs. */
export async function takeDropped(file: File): Promise<void> {
  runs.problem = null;
  const source = await offerSource(file);
  if (!source) return;
  try {
    const dropped = await call('drop.take', { source: source.source });
    if (dropped.kind === 'run') {
      await runs.show(dropped.run);
      await runs.refresh();
      return;
    }
    if (dropped.kind === 'release') return;
    navigation.go('new');
    if (dropped.kind === 'recipe') await draft.take(dropped.opened);
    else await dataImport.offered(dropped.source);
  } catch (error) {
    runs.problem = reportOf(error, 'app');
    navigation.go('home');
  }
}
